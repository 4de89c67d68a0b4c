// node-postgres. Its settings are the environment's; the certificate of the cluster is the one it does not take from there.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, beforeEach, test } from "node:test";

import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import QueryStream from "pg-query-stream";

const CONFLICT = "change conflicts with another transaction (OC000)";
const ssl = { ca: readFileSync(process.env.PGSSLROOTCERT, "utf8") };

/** @type {pg.Client} */
let client;
/** @type {string} A name for a table of the test's own. */
let name;

/** @returns {Promise<pg.Client>} */
async function connect(settings = {}) {
  const client = new pg.Client({ ssl, ...settings });
  await client.connect();
  return client;
}

async function visits() {
  await client.query(`CREATE TABLE ${name} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int, note text)`);
}

before(async () => {
  client = await connect();
});
after(() => client.end());
beforeEach(() => {
  name = `t_${randomUUID().replaceAll("-", "")}`;
});

test("it connects with verify-full and a token", async () => {
  const { rows } = await client.query("SHOW server_version");
  assert.deepEqual(rows, [{ server_version: "16.15" }]);
  await assert.rejects(connect({ password: "no token" }), /access denied/);
  await assert.rejects(connect({ ssl: {} }), /certificate/);
});

for (const binary of [false, true]) {
  test(`every usual type goes in and out, ${binary ? "binary" : "as text"}`, async () => {
    await client.query(
      `CREATE TABLE ${name} (id uuid PRIMARY KEY, small smallint, whole integer, big bigint, half real,
       double double precision, exact numeric(20, 4), yes boolean, short char(4), long varchar(20), words text,
       bytes bytea, moment timestamptz, doc json, docb jsonb, nothing text)`,
    );
    const moment = new Date("2026-02-28T12:30:00.123Z");
    const doc = { name: "Bella", weights: [3.5, 4], chip: null };
    const id = randomUUID();
    const given = [id, -32768, 2147483647, "-9007199254740993", 0.5, 0.1, "1234567890.1234", true, "ab", "naïve",
      "mot 'juste' \\ ☃\n", Buffer.from([0, 1, 255]), moment, doc, doc, null];
    const marks = given.map((_, n) => `$${n + 1}`).join(", ");
    await client.query({ text: `INSERT INTO ${name} VALUES (${marks})`, values: given });
    const columns = binary ? "id, small, whole, big, half, double, yes, words" : "*";
    const { rows } = await client.query({ text: `SELECT ${columns} FROM ${name}`, rowMode: "array", binary });
    const expected = binary ? [id, -32768, 2147483647, "-9007199254740993", 0.5, 0.1, true, given[10]] : given.with(8, "ab  ");
    assert.deepEqual(binary ? rows[0].map((v, n) => (n === 0 ? uuid(v) : v)) : rows[0], expected);
  });
}

/** What comes in binary format is not read by node-postgres for every type. */
function uuid(value) {
  const hex = Buffer.from(value, "latin1").toString("hex");
  return /^[0-9a-f-]{36}$/.test(value) ? value : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

test("a prepared statement is reused", async () => {
  await visits();
  const insert = { name: "insert", text: `INSERT INTO ${name} (n) VALUES ($1) RETURNING n` };
  for (let n = 0; n < 20; n++) {
    const { rows } = await client.query({ ...insert, values: [n] });
    assert.deepEqual(rows, [{ n }]);
  }
});

test("rows go in and out by COPY and by a stream", async () => {
  await visits();
  const lines = Array.from({ length: 1000 }, (_, n) => `${randomUUID()}\t${n}\tx\n`);
  await pipeline(Readable.from(lines), client.query(copyFrom(`COPY ${name} FROM STDIN`)));
  let copied = 0;
  for await (const chunk of client.query(copyTo(`COPY ${name} TO STDOUT`))) {
    copied += String(chunk).split("\n").length - 1;
  }
  assert.equal(copied, 1000);
  let sum = 0;
  for await (const row of client.query(new QueryStream(`SELECT n FROM ${name}`, [], { batchSize: 30 }))) {
    sum += row.n;
  }
  assert.equal(sum, 499500);
});

test("a conflict at COMMIT is told, and the transaction goes through when it is run again", async () => {
  await visits();
  await client.query(`INSERT INTO ${name} (n) VALUES (0)`);
  const loser = await connect();
  await loser.query("BEGIN");
  await loser.query(`UPDATE ${name} SET n = n + 1`);
  await client.query(`UPDATE ${name} SET n = n + 10`);
  await assert.rejects(loser.query("COMMIT"), { code: "40001", message: CONFLICT });
  await loser.query("BEGIN");
  await loser.query(`UPDATE ${name} SET n = n + 1`);
  await loser.query("COMMIT");
  await loser.end();
  assert.equal((await client.query(`SELECT n FROM ${name}`)).rows[0].n, 11);
});

test("an error aborts a transaction until ROLLBACK", async () => {
  await client.query("BEGIN");
  await assert.rejects(client.query("SELECT 1 / $1::int", [0]), { code: "22012" });
  await assert.rejects(client.query("SELECT 1"), { code: "25P02" });
  assert.equal((await client.query("ROLLBACK")).command, "ROLLBACK");
});

test("a long query is cancelled", async () => {
  const busy = await connect();
  const query = new pg.Query("SELECT pg_sleep(60)");
  const ended = new Promise((resolve) => query.on("error", resolve).on("end", resolve));
  busy.query(query);
  setTimeout(() => new pg.Client({ ssl }).cancel(busy, query), 200);
  assert.equal((await ended).code, "57014");
  await busy.end();
});

test("notices come through", async () => {
  const notices = [];
  const listener = (notice) => notices.push(notice.message);
  client.on("notice", listener);
  await client.query(`DROP TABLE IF EXISTS ${name}`);
  client.off("notice", listener);
  assert.deepEqual(notices, [`table "${name}" does not exist, skipping`]);
});

test("what the service refuses is refused in its words", async () => {
  await visits();
  await assert.rejects(client.query(`TRUNCATE ${name}`), { code: "0A000", message: "unsupported statement: Truncate" });
  await assert.rejects(client.query("LISTEN news"), { code: "0A000", message: "unsupported statement: Listen" });
});

test("a pool takes connections anew and queues queries", async () => {
  await visits();
  const pool = new pg.Pool({ ssl, max: 4 });
  const inserted = await Promise.all(
    Array.from({ length: 100 }, (_, n) => pool.query(`INSERT INTO ${name} (n) VALUES ($1)`, [n])),
  );
  assert.equal(inserted.reduce((sum, { rowCount }) => sum + rowCount, 0), 100);
  await pool.end();
});
