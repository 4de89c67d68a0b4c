--
-- PostgreSQL database dump
--

\restrict OHsTsqcgKhZOU56fIFns6VYh3f7FVIWhCU4QCOs3clbgw3PLNKAB1z9MMqbp26J

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: btree_gist; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;


--
-- Name: EXTENSION btree_gist; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';


--
-- Name: uuid-ossp; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;


--
-- Name: EXTENSION "uuid-ossp"; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION "uuid-ossp" IS 'generate universally unique identifiers (UUIDs)';


--
-- Name: field_kind; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.field_kind AS ENUM (
    'text',
    'number',
    'date',
    'url',
    'choice',
    'user'
);


ALTER TYPE public.field_kind OWNER TO postgres;

--
-- Name: issue_priority; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.issue_priority AS ENUM (
    'low',
    'normal',
    'high',
    'critical'
);


ALTER TYPE public.issue_priority OWNER TO postgres;

--
-- Name: link_kind; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.link_kind AS ENUM (
    'blocks',
    'duplicates',
    'relates'
);


ALTER TYPE public.link_kind OWNER TO postgres;

--
-- Name: notification_reason; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.notification_reason AS ENUM (
    'assigned',
    'mentioned',
    'watching',
    'author'
);


ALTER TYPE public.notification_reason OWNER TO postgres;

--
-- Name: team_role; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.team_role AS ENUM (
    'guest',
    'member',
    'maintainer',
    'owner'
);


ALTER TYPE public.team_role OWNER TO postgres;

--
-- Name: webhook_event; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.webhook_event AS ENUM (
    'issue_opened',
    'issue_closed',
    'comment_created'
);


ALTER TYPE public.webhook_event OWNER TO postgres;

--
-- Name: count_issues(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.count_issues() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'INSERT' then
        update projects set open_issues = open_issues + 1 where id = new.project_id;
    elsif tg_op = 'DELETE' and not old.closed then
        update projects set open_issues = open_issues - 1 where id = old.project_id;
    end if;
    return null;
end $$;


ALTER FUNCTION public.count_issues() OWNER TO postgres;

--
-- Name: is_visible(text, boolean); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.is_visible(visibility text, member boolean) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT visibility = 'public' OR member;
$$;


ALTER FUNCTION public.is_visible(visibility text, member boolean) OWNER TO postgres;

--
-- Name: touch_updated_at(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW IS DISTINCT FROM OLD AND NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END;
$$;


ALTER FUNCTION public.touch_updated_at() OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.api_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id integer NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    last_used_at timestamp with time zone
);


ALTER TABLE public.api_tokens OWNER TO tracker;

--
-- Name: attachments; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.attachments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    issue_id bigint NOT NULL,
    file_name character varying NOT NULL,
    content_type character varying NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attachments_size_check CHECK ((size > 0))
);


ALTER TABLE public.attachments OWNER TO tracker;

--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id integer,
    action text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
)
PARTITION BY RANGE (at);


ALTER TABLE public.audit_log OWNER TO tracker;

--
-- Name: audit_log_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.audit_log_id_seq OWNER TO tracker;

--
-- Name: audit_log_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.audit_log_id_seq OWNED BY public.audit_log.id;


--
-- Name: audit_log_2022; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.audit_log_2022 (
    id bigint DEFAULT nextval('public.audit_log_id_seq'::regclass) NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id integer,
    action text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);


ALTER TABLE public.audit_log_2022 OWNER TO tracker;

--
-- Name: audit_log_2023; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.audit_log_2023 (
    id bigint DEFAULT nextval('public.audit_log_id_seq'::regclass) NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor_id integer,
    action text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);


ALTER TABLE public.audit_log_2023 OWNER TO tracker;

--
-- Name: board_columns; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.board_columns (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    name text NOT NULL,
    "position" integer NOT NULL
);


ALTER TABLE public.board_columns OWNER TO tracker;

--
-- Name: boards; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.boards (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    project_id integer NOT NULL,
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL
);


ALTER TABLE public.boards OWNER TO tracker;

--
-- Name: cards; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.cards (
    board_column_id uuid NOT NULL,
    issue_id integer NOT NULL,
    rank numeric NOT NULL
);


ALTER TABLE public.cards OWNER TO tracker;

--
-- Name: comments; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.comments (
    id bigint NOT NULL,
    issue_id integer NOT NULL,
    author_id integer NOT NULL,
    body text NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone,
    parent_id bigint,
    deleted_at timestamp with time zone
);


ALTER TABLE public.comments OWNER TO tracker;

--
-- Name: comments_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.comments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.comments_id_seq OWNER TO tracker;

--
-- Name: comments_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.comments_id_seq OWNED BY public.comments.id;


--
-- Name: custom_fields; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.custom_fields (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    project_id integer NOT NULL,
    name character varying(60) NOT NULL,
    kind public.field_kind DEFAULT 'text'::public.field_kind NOT NULL,
    choices character varying(60)[],
    "position" smallint DEFAULT 0 NOT NULL
);


ALTER TABLE public.custom_fields OWNER TO tracker;

--
-- Name: custom_values; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.custom_values (
    field_id uuid NOT NULL,
    issue_id bigint NOT NULL,
    value jsonb NOT NULL
);


ALTER TABLE public.custom_values OWNER TO tracker;

--
-- Name: identities; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.identities (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    provider character varying(32) NOT NULL,
    subject character varying NOT NULL,
    profile jsonb
);


ALTER TABLE public.identities OWNER TO tracker;

--
-- Name: identities_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

ALTER TABLE public.identities ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.identities_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: issue_labels; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.issue_labels (
    issue_id bigint NOT NULL,
    label_id integer NOT NULL
);


ALTER TABLE public.issue_labels OWNER TO tracker;

--
-- Name: issue_links; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.issue_links (
    from_id integer NOT NULL,
    to_id integer NOT NULL,
    kind public.link_kind NOT NULL,
    CONSTRAINT no_loop CHECK ((from_id <> to_id))
);


ALTER TABLE public.issue_links OWNER TO tracker;

--
-- Name: issues; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.issues (
    id bigint NOT NULL,
    project_id integer NOT NULL,
    number integer NOT NULL,
    author_id integer NOT NULL,
    title character varying(500) NOT NULL,
    body text DEFAULT ''::text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    priority public.issue_priority DEFAULT 'normal'::public.issue_priority NOT NULL,
    assignee_id integer,
    milestone_id integer,
    search_vector tsvector,
    closed_at timestamp with time zone,
    state character varying(32) DEFAULT 'open'::character varying NOT NULL,
    estimate numeric(5,1) DEFAULT 1,
    spent interval DEFAULT '00:00:00'::interval NOT NULL,
    deleted_at timestamp with time zone,
    sprint_id uuid,
    CONSTRAINT issues_estimate_check CHECK (((estimate >= (0)::numeric) AND (estimate <= (100)::numeric))),
    CONSTRAINT title_not_blank CHECK ((length((title)::text) > 0))
);


ALTER TABLE public.issues OWNER TO tracker;

--
-- Name: COLUMN issues.estimate; Type: COMMENT; Schema: public; Owner: tracker
--

COMMENT ON COLUMN public.issues.estimate IS 'in points, not hours';


--
-- Name: issues_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.issues_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.issues_id_seq OWNER TO tracker;

--
-- Name: issues_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.issues_id_seq OWNED BY public.issues.id;


--
-- Name: labels; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.labels (
    id integer NOT NULL,
    project_id integer NOT NULL,
    name character varying NOT NULL,
    color character(6) DEFAULT 'cccccc'::bpchar NOT NULL
);


ALTER TABLE public.labels OWNER TO tracker;

--
-- Name: labels_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.labels_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.labels_id_seq OWNER TO tracker;

--
-- Name: labels_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.labels_id_seq OWNED BY public.labels.id;


--
-- Name: mentions; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.mentions (
    comment_id bigint NOT NULL,
    user_id integer NOT NULL,
    id bigint NOT NULL
);


ALTER TABLE public.mentions OWNER TO tracker;

--
-- Name: mentions_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.mentions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.mentions_id_seq OWNER TO tracker;

--
-- Name: mentions_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.mentions_id_seq OWNED BY public.mentions.id;


--
-- Name: milestones; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.milestones (
    id integer NOT NULL,
    project_id integer NOT NULL,
    title character varying(120) NOT NULL,
    due_on date,
    closed_at timestamp without time zone
);


ALTER TABLE public.milestones OWNER TO tracker;

--
-- Name: milestones_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.milestones_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.milestones_id_seq OWNER TO tracker;

--
-- Name: milestones_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.milestones_id_seq OWNED BY public.milestones.id;


--
-- Name: notifications; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.notifications (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    issue_id integer NOT NULL,
    comment_id bigint,
    reason public.notification_reason NOT NULL,
    read_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.notifications OWNER TO tracker;

--
-- Name: notifications_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.notifications_id_seq OWNER TO tracker;

--
-- Name: notifications_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.notifications_id_seq OWNED BY public.notifications.id;


--
-- Name: projects; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.projects (
    id integer NOT NULL,
    owner_id integer NOT NULL,
    key character varying(8) NOT NULL,
    name character varying NOT NULL,
    description text,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    open_issues integer DEFAULT 0 NOT NULL,
    closed_issues integer DEFAULT 0 NOT NULL,
    team_id integer,
    visibility text DEFAULT 'private'::text NOT NULL,
    next_number integer DEFAULT 1 NOT NULL,
    deleted_at timestamp with time zone,
    public_id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    budget numeric(12,2) DEFAULT 0 NOT NULL,
    hourly_rate numeric(8,2) DEFAULT 0.00 NOT NULL,
    CONSTRAINT projects_visibility_check CHECK ((visibility = ANY (ARRAY['private'::text, 'internal'::text, 'public'::text])))
);


ALTER TABLE public.projects OWNER TO tracker;

--
-- Name: projects_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.projects_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.projects_id_seq OWNER TO tracker;

--
-- Name: projects_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.projects_id_seq OWNED BY public.projects.id;


--
-- Name: reactions; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.reactions (
    comment_id bigint NOT NULL,
    user_id integer NOT NULL,
    emoji character varying(32) NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);


ALTER TABLE public.reactions OWNER TO tracker;

--
-- Name: saved_searches; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.saved_searches (
    id integer NOT NULL,
    user_id integer NOT NULL,
    name character varying(80) NOT NULL,
    query jsonb NOT NULL,
    shared boolean DEFAULT false NOT NULL
);


ALTER TABLE public.saved_searches OWNER TO tracker;

--
-- Name: saved_searches_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.saved_searches_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.saved_searches_id_seq OWNER TO tracker;

--
-- Name: saved_searches_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.saved_searches_id_seq OWNED BY public.saved_searches.id;


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.sessions (
    token character(64) NOT NULL,
    user_id integer NOT NULL,
    ip inet,
    user_agent text,
    expires_at timestamp with time zone NOT NULL
);


ALTER TABLE public.sessions OWNER TO tracker;

--
-- Name: sprints; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.sprints (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    board_id uuid NOT NULL,
    name text NOT NULL,
    goal text,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    CONSTRAINT sprints_check CHECK ((starts_on <= ends_on))
);


ALTER TABLE public.sprints OWNER TO tracker;

--
-- Name: team_members; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.team_members (
    team_id integer NOT NULL,
    user_id integer NOT NULL,
    role public.team_role DEFAULT 'member'::public.team_role NOT NULL,
    joined_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.team_members OWNER TO tracker;

--
-- Name: teams; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.teams (
    id integer NOT NULL,
    slug character varying(40) NOT NULL,
    name character varying NOT NULL,
    CONSTRAINT teams_slug_check CHECK (((slug)::text ~ '^[a-z0-9-]+$'::text))
);


ALTER TABLE public.teams OWNER TO tracker;

--
-- Name: teams_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.teams_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.teams_id_seq OWNER TO tracker;

--
-- Name: teams_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.teams_id_seq OWNED BY public.teams.id;


--
-- Name: time_entries; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.time_entries (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    issue_id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    CONSTRAINT time_entries_check CHECK ((started_at < ended_at))
);


ALTER TABLE public.time_entries OWNER TO tracker;

--
-- Name: time_entries_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.time_entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.time_entries_id_seq OWNER TO tracker;

--
-- Name: time_entries_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.time_entries_id_seq OWNED BY public.time_entries.id;


--
-- Name: user_settings; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.user_settings (
    user_id integer NOT NULL,
    theme character varying(16) DEFAULT 'light'::character varying NOT NULL,
    digest_at time with time zone,
    keyboard boolean DEFAULT true NOT NULL,
    digest_days integer[] DEFAULT '{1,2,3,4,5}'::integer[] NOT NULL
);


ALTER TABLE public.user_settings OWNER TO tracker;

--
-- Name: users; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.users (
    id integer NOT NULL,
    email character varying NOT NULL,
    password_hash character varying,
    name character varying NOT NULL,
    is_admin boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    invited_by integer
);


ALTER TABLE public.users OWNER TO tracker;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.users_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.users_id_seq OWNER TO tracker;

--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;


--
-- Name: watchers; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.watchers (
    user_id integer NOT NULL,
    issue_id integer NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    reason text DEFAULT 'manual'::text NOT NULL
);


ALTER TABLE public.watchers OWNER TO tracker;

--
-- Name: webhook_deliveries; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.webhook_deliveries (
    id bigint NOT NULL,
    webhook_id integer NOT NULL,
    request jsonb NOT NULL,
    response_status smallint,
    response_body text,
    delivered_at timestamp with time zone DEFAULT now() NOT NULL,
    attempt smallint DEFAULT 1 NOT NULL
);


ALTER TABLE public.webhook_deliveries OWNER TO tracker;

--
-- Name: webhook_deliveries_2020; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.webhook_deliveries_2020 (
    id bigint,
    webhook_id integer,
    request jsonb,
    response_status smallint,
    response_body text,
    delivered_at timestamp with time zone
);


ALTER TABLE public.webhook_deliveries_2020 OWNER TO tracker;

--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.webhook_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.webhook_deliveries_id_seq OWNER TO tracker;

--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.webhook_deliveries_id_seq OWNED BY public.webhook_deliveries.id;


--
-- Name: webhooks; Type: TABLE; Schema: public; Owner: tracker
--

CREATE TABLE public.webhooks (
    id integer NOT NULL,
    project_id integer NOT NULL,
    url text NOT NULL,
    secret bytea,
    events public.webhook_event[] NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


ALTER TABLE public.webhooks OWNER TO tracker;

--
-- Name: webhooks_id_seq; Type: SEQUENCE; Schema: public; Owner: tracker
--

CREATE SEQUENCE public.webhooks_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.webhooks_id_seq OWNER TO tracker;

--
-- Name: webhooks_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: tracker
--

ALTER SEQUENCE public.webhooks_id_seq OWNED BY public.webhooks.id;


--
-- Name: audit_log_2022; Type: TABLE ATTACH; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2022 FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2023-01-01 00:00:00+00');


--
-- Name: audit_log_2023; Type: TABLE ATTACH; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log ATTACH PARTITION public.audit_log_2023 FOR VALUES FROM ('2023-01-01 00:00:00+00') TO ('2024-01-01 00:00:00+00');


--
-- Name: audit_log id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log ALTER COLUMN id SET DEFAULT nextval('public.audit_log_id_seq'::regclass);


--
-- Name: comments id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.comments ALTER COLUMN id SET DEFAULT nextval('public.comments_id_seq'::regclass);


--
-- Name: issues id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues ALTER COLUMN id SET DEFAULT nextval('public.issues_id_seq'::regclass);


--
-- Name: labels id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.labels ALTER COLUMN id SET DEFAULT nextval('public.labels_id_seq'::regclass);


--
-- Name: mentions id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.mentions ALTER COLUMN id SET DEFAULT nextval('public.mentions_id_seq'::regclass);


--
-- Name: milestones id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.milestones ALTER COLUMN id SET DEFAULT nextval('public.milestones_id_seq'::regclass);


--
-- Name: notifications id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.notifications ALTER COLUMN id SET DEFAULT nextval('public.notifications_id_seq'::regclass);


--
-- Name: projects id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.projects ALTER COLUMN id SET DEFAULT nextval('public.projects_id_seq'::regclass);


--
-- Name: saved_searches id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.saved_searches ALTER COLUMN id SET DEFAULT nextval('public.saved_searches_id_seq'::regclass);


--
-- Name: teams id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.teams ALTER COLUMN id SET DEFAULT nextval('public.teams_id_seq'::regclass);


--
-- Name: time_entries id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.time_entries ALTER COLUMN id SET DEFAULT nextval('public.time_entries_id_seq'::regclass);


--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);


--
-- Name: webhook_deliveries id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhook_deliveries ALTER COLUMN id SET DEFAULT nextval('public.webhook_deliveries_id_seq'::regclass);


--
-- Name: webhooks id; Type: DEFAULT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhooks ALTER COLUMN id SET DEFAULT nextval('public.webhooks_id_seq'::regclass);


--
-- Data for Name: api_tokens; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.api_tokens (id, user_id, name, hash, scopes, last_used_at) FROM stdin;
3f2504e0-4f89-41d3-9a0c-0305e82c3301	2	ci	\\x00ff10a0	{read,write,"a b"}	\N
3f2504e0-4f89-41d3-9a0c-0305e82c3302	3	laptop	\\x01	{}	\N
\.


--
-- Data for Name: attachments; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.attachments (id, issue_id, file_name, content_type, size, sha256, created_at) FROM stdin;
\.


--
-- Data for Name: audit_log_2022; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.audit_log_2022 (id, at, actor_id, action, detail) FROM stdin;
1	2022-05-01 00:00:00+00	\N	login	{"ip": "10.0.0.1"}
\.


--
-- Data for Name: audit_log_2023; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.audit_log_2023 (id, at, actor_id, action, detail) FROM stdin;
2	2023-05-01 00:00:00+00	\N	login	{"ok": true}
\.


--
-- Data for Name: board_columns; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.board_columns (id, board_id, name, "position") FROM stdin;
8d0e7a2a-71a5-4f5b-9b5b-7f8f6d4cf112	8d0e7a2a-71a5-4f5b-9b5b-7f8f6d4cf111	Todo	1
8d0e7a2a-71a5-4f5b-9b5b-7f8f6d4cf113	8d0e7a2a-71a5-4f5b-9b5b-7f8f6d4cf111	Done	2
\.


--
-- Data for Name: boards; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.boards (id, project_id, name, settings) FROM stdin;
8d0e7a2a-71a5-4f5b-9b5b-7f8f6d4cf111	4	Main	{}
\.


--
-- Data for Name: cards; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.cards (board_column_id, issue_id, rank) FROM stdin;
\.


--
-- Data for Name: comments; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.comments (id, issue_id, author_id, body, created_at, updated_at, parent_id, deleted_at) FROM stdin;
1	44	3	Comment 1	2026-11-21 13:34:43.354807	\N	\N	\N
2	45	4	Comment 2	2026-11-21 13:34:43.354807	\N	\N	\N
3	46	5	Comment 3	2026-11-21 13:34:43.354807	\N	\N	\N
4	47	6	Comment 4	2026-11-21 13:34:43.354807	\N	\N	\N
5	48	7	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
6	49	8	Comment 6	2026-11-21 13:34:43.354807	\N	\N	\N
7	50	9	Comment 7	2026-11-21 13:34:43.354807	\N	\N	\N
8	51	2	Comment 8	2026-11-21 13:34:43.354807	\N	\N	\N
9	52	3	Comment 9	2026-11-21 13:34:43.354807	\N	\N	\N
10	53	4	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
11	54	5	Comment 11	2026-11-21 13:34:43.354807	\N	\N	\N
12	55	6	Comment 12	2026-11-21 13:34:43.354807	\N	\N	\N
13	56	7	Comment 13	2026-11-21 13:34:43.354807	\N	\N	\N
14	57	8	Comment 14	2026-11-21 13:34:43.354807	\N	\N	\N
15	58	9	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
16	59	2	Comment 16	2026-11-21 13:34:43.354807	\N	\N	\N
17	60	3	Comment 17	2026-11-21 13:34:43.354807	\N	\N	\N
18	61	4	Comment 18	2026-11-21 13:34:43.354807	\N	\N	\N
19	62	5	Comment 19	2026-11-21 13:34:43.354807	\N	\N	\N
20	63	6	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
21	64	7	Comment 21	2026-11-21 13:34:43.354807	\N	\N	\N
22	65	8	Comment 22	2026-11-21 13:34:43.354807	\N	\N	\N
23	66	9	Comment 23	2026-11-21 13:34:43.354807	\N	\N	\N
24	67	2	Comment 24	2026-11-21 13:34:43.354807	\N	\N	\N
25	68	3	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
26	69	4	Comment 26	2026-11-21 13:34:43.354807	\N	\N	\N
27	70	5	Comment 27	2026-11-21 13:34:43.354807	\N	\N	\N
28	71	6	Comment 28	2026-11-21 13:34:43.354807	\N	\N	\N
29	72	7	Comment 29	2026-11-21 13:34:43.354807	\N	\N	\N
30	43	8	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
31	44	9	Comment 31	2026-11-21 13:34:43.354807	\N	\N	\N
32	45	2	Comment 32	2026-11-21 13:34:43.354807	\N	\N	\N
33	46	3	Comment 33	2026-11-21 13:34:43.354807	\N	\N	\N
34	47	4	Comment 34	2026-11-21 13:34:43.354807	\N	\N	\N
35	48	5	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
36	49	6	Comment 36	2026-11-21 13:34:43.354807	\N	\N	\N
37	50	7	Comment 37	2026-11-21 13:34:43.354807	\N	\N	\N
38	51	8	Comment 38	2026-11-21 13:34:43.354807	\N	\N	\N
39	52	9	Comment 39	2026-11-21 13:34:43.354807	\N	\N	\N
40	53	2	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
41	54	3	Comment 41	2026-11-21 13:34:43.354807	\N	\N	\N
42	55	4	Comment 42	2026-11-21 13:34:43.354807	\N	\N	\N
43	56	5	Comment 43	2026-11-21 13:34:43.354807	\N	\N	\N
44	57	6	Comment 44	2026-11-21 13:34:43.354807	\N	\N	\N
45	58	7	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
46	59	8	Comment 46	2026-11-21 13:34:43.354807	\N	\N	\N
47	60	9	Comment 47	2026-11-21 13:34:43.354807	\N	\N	\N
48	61	2	Comment 48	2026-11-21 13:34:43.354807	\N	\N	\N
49	62	3	Comment 49	2026-11-21 13:34:43.354807	\N	\N	\N
50	63	4	multi\nline\tcomment	2026-11-21 13:34:43.354807	\N	\N	\N
\.


--
-- Data for Name: custom_fields; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.custom_fields (id, project_id, name, kind, choices, "position") FROM stdin;
\.


--
-- Data for Name: custom_values; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.custom_values (field_id, issue_id, value) FROM stdin;
\.


--
-- Data for Name: identities; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.identities (id, user_id, provider, subject, profile) FROM stdin;
\.


--
-- Data for Name: issue_labels; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.issue_labels (issue_id, label_id) FROM stdin;
43	2
44	3
45	1
46	2
47	3
48	1
49	2
50	3
51	1
52	2
53	3
54	1
55	2
56	3
57	1
58	2
59	3
60	1
61	2
62	3
63	1
64	2
65	3
66	1
67	2
68	3
69	1
70	2
71	3
72	1
73	2
74	3
75	1
76	2
77	3
78	1
79	2
80	3
81	1
82	2
\.


--
-- Data for Name: issue_links; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.issue_links (from_id, to_id, kind) FROM stdin;
\.


--
-- Data for Name: issues; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.issues (id, project_id, number, author_id, title, body, created_at, updated_at, priority, assignee_id, milestone_id, search_vector, closed_at, state, estimate, spent, deleted_at, sprint_id) FROM stdin;
1	1	1	1	one		2026-11-21 13:33:56.294214+00	2026-11-21 13:33:56.294214+00	normal	\N	\N	'one':1	\N	open	\N	00:00:00	\N	\N
2	1	2	2	two		2026-11-21 13:33:56.294214+00	2026-11-21 13:33:56.294214+00	normal	\N	\N	'two':1	\N	open	\N	00:00:00	\N	\N
43	5	1	3	Issue number 1	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'1':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	in_progress	1.0	00:00:00	\N	\N
44	4	2	4	Issue number 2	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'2':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	done	1.0	00:00:00	\N	\N
45	5	3	5	Issue number 3	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'3':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	open	1.0	00:00:00	\N	\N
46	4	4	6	Issue number 4		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'4':3 'issu':1 'number':2	\N	in_progress	1.0	00:00:00	\N	\N
47	5	5	7	Issue number 5	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'5':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	done	1.0	00:00:00	\N	\N
48	4	6	8	Issue number 6	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'6':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	open	1.0	00:00:00	\N	\N
49	5	7	9	Issue number 7 — it's "quoted"; with semicolon	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'7':3 'amet':13,18,23 'dolor':11,16,21 'ipsum':10,15,20 'issu':1 'lorem':9,14,19 'number':2 'quot':6 'semicolon':8 'sit':12,17,22	\N	in_progress	1.0	00:00:00	\N	\N
50	4	8	10	Issue number 8		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'8':3 'issu':1 'number':2	\N	done	1.0	00:00:00	\N	\N
51	5	9	2	Issue number 9	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'9':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	open	1.0	00:00:00	\N	\N
52	4	10	3	Issue number 10	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'10':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	in_progress	1.0	00:00:00	\N	\N
53	5	11	4	Issue number 11	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'11':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	done	1.0	00:00:00	\N	\N
54	4	12	5	Issue number 12		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'12':3 'issu':1 'number':2	\N	open	1.0	00:00:00	\N	\N
55	5	13	6	Issue number 13	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'13':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	in_progress	1.0	00:00:00	\N	\N
56	4	14	7	Issue number 14 — it's "quoted"; with semicolon	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'14':3 'amet':13,18 'dolor':11,16 'ipsum':10,15 'issu':1 'lorem':9,14 'number':2 'quot':6 'semicolon':8 'sit':12,17	\N	done	1.0	00:00:00	\N	\N
57	5	15	8	Issue number 15	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'15':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	open	1.0	00:00:00	\N	\N
58	4	16	9	Issue number 16		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'16':3 'issu':1 'number':2	\N	in_progress	1.0	00:00:00	\N	\N
59	5	17	10	Issue number 17	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'17':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	done	1.0	00:00:00	\N	\N
60	4	18	2	Issue number 18	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'18':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	open	1.0	00:00:00	\N	\N
61	5	19	3	Issue number 19	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'19':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	in_progress	1.0	00:00:00	\N	\N
62	4	20	4	Issue number 20		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'20':3 'issu':1 'number':2	\N	done	1.0	00:00:00	\N	\N
63	5	21	5	Issue number 21 — it's "quoted"; with semicolon	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'21':3 'amet':13 'dolor':11 'ipsum':10 'issu':1 'lorem':9 'number':2 'quot':6 'semicolon':8 'sit':12	\N	open	1.0	00:00:00	\N	\N
64	4	22	6	Issue number 22	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'22':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	in_progress	1.0	00:00:00	\N	\N
65	5	23	7	Issue number 23	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'23':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	done	1.0	00:00:00	\N	\N
66	4	24	8	Issue number 24		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'24':3 'issu':1 'number':2	\N	open	1.0	00:00:00	\N	\N
67	5	25	9	Issue number 25	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'25':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	in_progress	1.0	00:00:00	\N	\N
68	4	26	10	Issue number 26	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'26':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	done	1.0	00:00:00	\N	\N
69	5	27	2	Issue number 27	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'27':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	open	1.0	00:00:00	\N	\N
70	4	28	3	Issue number 28 — it's "quoted"; with semicolon		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'28':3 'issu':1 'number':2 'quot':6 'semicolon':8	\N	in_progress	1.0	00:00:00	\N	\N
71	5	29	4	Issue number 29	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'29':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	done	1.0	00:00:00	\N	\N
72	4	30	5	Issue number 30	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'30':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	open	1.0	00:00:00	\N	\N
73	5	31	6	Issue number 31	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'31':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	in_progress	1.0	00:00:00	\N	\N
74	4	32	7	Issue number 32		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'32':3 'issu':1 'number':2	\N	done	1.0	00:00:00	\N	\N
75	5	33	8	Issue number 33	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'33':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	open	1.0	00:00:00	\N	\N
76	4	34	9	Issue number 34	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'34':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	in_progress	1.0	00:00:00	\N	\N
77	5	35	10	Issue number 35 — it's "quoted"; with semicolon	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'35':3 'amet':13,18,23 'dolor':11,16,21 'ipsum':10,15,20 'issu':1 'lorem':9,14,19 'number':2 'quot':6 'semicolon':8 'sit':12,17,22	\N	done	1.0	00:00:00	\N	\N
78	4	36	2	Issue number 36		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'36':3 'issu':1 'number':2	\N	open	1.0	00:00:00	\N	\N
79	5	37	3	Issue number 37	Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	normal	\N	\N	'37':3 'amet':8 'dolor':6 'ipsum':5 'issu':1 'lorem':4 'number':2 'sit':7	\N	in_progress	1.0	00:00:00	\N	\N
80	4	38	4	Issue number 38	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	high	\N	\N	'38':3 'amet':8,13 'dolor':6,11 'ipsum':5,10 'issu':1 'lorem':4,9 'number':2 'sit':7,12	\N	done	1.0	00:00:00	\N	\N
81	5	39	5	Issue number 39	Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. Lorem ipsum dolor sit amet. 	2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	critical	\N	\N	'39':3 'amet':8,13,18 'dolor':6,11,16 'ipsum':5,10,15 'issu':1 'lorem':4,9,14 'number':2 'sit':7,12,17	\N	open	1.0	00:00:00	\N	\N
82	4	40	6	Issue number 40		2026-11-21 13:34:43.347185+00	2026-11-21 13:34:43.347185+00	low	\N	\N	'40':3 'issu':1 'number':2	\N	in_progress	1.0	00:00:00	\N	\N
\.


--
-- Data for Name: labels; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.labels (id, project_id, name, color) FROM stdin;
1	4	bug	d73a4a
2	4	question	d876e3
3	5	help wanted	008672
\.


--
-- Data for Name: mentions; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.mentions (comment_id, user_id, id) FROM stdin;
\.


--
-- Data for Name: milestones; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.milestones (id, project_id, title, due_on, closed_at) FROM stdin;
\.


--
-- Data for Name: notifications; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.notifications (id, user_id, issue_id, comment_id, reason, read_at, created_at) FROM stdin;
\.


--
-- Data for Name: projects; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.projects (id, owner_id, key, name, description, created_at, open_issues, closed_issues, team_id, visibility, next_number, deleted_at, public_id, budget, hourly_rate) FROM stdin;
1	1	TR	tracker	\N	2026-11-21 13:33:56.292682	2	0	\N	private	3	\N	e963b440-94aa-406d-b882-e870a3aa0fee	0.00	0.00
5	3	API	API	\N	2026-11-21 13:34:43.212559	20	0	1	internal	1	\N	fca588d9-7ae3-4915-a1a8-e0f2141e0fe3	0.00	95.00
4	2	DOC	Documentation	Line one\nline two\\ with a backslash	2026-11-21 13:34:43.212559	20	0	2	public	1	\N	e464e9c2-b041-4423-a541-af0559a2f2e9	1200.00	80.50
\.


--
-- Data for Name: reactions; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.reactions (comment_id, user_id, emoji, created_at) FROM stdin;
\.


--
-- Data for Name: saved_searches; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.saved_searches (id, user_id, name, query, shared) FROM stdin;
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.sessions (token, user_id, ip, user_agent, expires_at) FROM stdin;
\.


--
-- Data for Name: sprints; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.sprints (id, board_id, name, goal, starts_on, ends_on) FROM stdin;
\.


--
-- Data for Name: team_members; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.team_members (team_id, user_id, role, joined_at) FROM stdin;
1	2	owner	2026-11-21 13:33:59.095914+00
1	3	member	2026-11-21 13:33:59.095914+00
2	4	maintainer	2026-11-21 13:33:59.095914+00
\.


--
-- Data for Name: teams; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.teams (id, slug, name) FROM stdin;
1	core	Core team
2	docs	Docs & \t tabs
\.


--
-- Data for Name: time_entries; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.time_entries (id, user_id, issue_id, started_at, ended_at) FROM stdin;
1	2	1	2024-03-01 09:00:00+00	2024-03-01 11:30:00+00
\.


--
-- Data for Name: user_settings; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.user_settings (user_id, theme, digest_at, keyboard, digest_days) FROM stdin;
1	light	\N	t	{1,2,3,4,5}
2	light	\N	t	{1,2,3,4,5}
3	dark	\N	t	{1,3,5}
4	dark	\N	t	{1,3,5}
5	dark	\N	t	{1,3,5}
6	dark	\N	t	{1,3,5}
7	dark	\N	t	{1,3,5}
8	dark	\N	t	{1,3,5}
9	dark	\N	t	{1,3,5}
10	dark	\N	t	{1,3,5}
11	dark	\N	t	{1,3,5}
12	dark	\N	t	{1,3,5}
13	dark	\N	t	{1,3,5}
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.users (id, email, password_hash, name, is_admin, created_at, updated_at, locale, last_seen_at, invited_by) FROM stdin;
1	a@b	x	ann	f	2026-11-21 13:33:56.291421+00	2026-11-21 13:33:56.291421+00	en	2026-11-21 13:33:58.956869+00	\N
2	ghost@tracker.invalid		ghost	f	2026-11-21 13:33:56.777823+00	2026-11-21 13:33:56.777823+00	en	2026-11-21 13:33:58.956869+00	\N
3	user2@example.com	c81e728d9d4c2f636f067f89cc14862c	User 2	t	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	fr	2026-11-21 13:33:59.093786+00	\N
4	user3@example.com	eccbc87e4b5ce2fe28308fd9f2a7baf3	User 3	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	en	2026-11-21 13:33:59.093786+00	\N
5	user4@example.com	a87ff679a2f3e71d9181a67b7542122c	User 4	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	de	2026-11-21 13:33:59.093786+00	\N
6	user5@example.com	e4da3b7fbbce2345d7772b0674a318d5	User 5	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	fr	2026-11-21 13:33:59.093786+00	\N
7	user6@example.com	1679091c5a880faf6fb5e6087eb1b2dc	User 6	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	en	2026-11-21 13:33:59.093786+00	\N
8	user7@example.com	8f14e45fceea167a5a36dedd4bea2543	User 7	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	de	2026-11-21 13:33:59.093786+00	\N
9	user8@example.com	c9f0f895fb98ab9159f51fd0297e236d	User 8	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	fr	2026-11-21 13:33:59.093786+00	\N
10	user9@example.com	45c48cce2e2d7fbdea1afc51c7c6ad26	User 9	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	en	2026-11-21 13:33:59.093786+00	\N
11	user10@example.com	d3d9446802a44259755d38e6d163e820	User 10	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	de	2026-11-21 13:33:59.093786+00	\N
12	user11@example.com	6512bd43d9caa6e02c990b0a82652dca	User 11	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	fr	2026-11-21 13:33:59.093786+00	\N
13	user12@example.com	c20ad4d76fe97759aa27a0c99bff6710	User 12	f	2026-11-21 13:33:59.093786+00	2026-11-21 13:33:59.093786+00	en	2026-11-21 13:33:59.093786+00	\N
\.


--
-- Data for Name: watchers; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.watchers (user_id, issue_id, since, reason) FROM stdin;
\.


--
-- Data for Name: webhook_deliveries; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.webhook_deliveries (id, webhook_id, request, response_status, response_body, delivered_at, attempt) FROM stdin;
\.


--
-- Data for Name: webhook_deliveries_2020; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.webhook_deliveries_2020 (id, webhook_id, request, response_status, response_body, delivered_at) FROM stdin;
\.


--
-- Data for Name: webhooks; Type: TABLE DATA; Schema: public; Owner: tracker
--

COPY public.webhooks (id, project_id, url, secret, events, active, created_at) FROM stdin;
1	4	https://example.com/hook	\N	{issue_opened,comment_created}	t	2026-11-21 13:34:43.35897+00
\.


--
-- Name: audit_log_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.audit_log_id_seq', 2, true);


--
-- Name: comments_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.comments_id_seq', 50, true);


--
-- Name: identities_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.identities_id_seq', 1, false);


--
-- Name: issues_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.issues_id_seq', 82, true);


--
-- Name: labels_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.labels_id_seq', 3, true);


--
-- Name: mentions_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.mentions_id_seq', 1, false);


--
-- Name: milestones_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.milestones_id_seq', 1, false);


--
-- Name: notifications_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.notifications_id_seq', 1, false);


--
-- Name: projects_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.projects_id_seq', 5, true);


--
-- Name: saved_searches_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.saved_searches_id_seq', 1, false);


--
-- Name: teams_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.teams_id_seq', 2, true);


--
-- Name: time_entries_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.time_entries_id_seq', 1, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.users_id_seq', 13, true);


--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.webhook_deliveries_id_seq', 1, false);


--
-- Name: webhooks_id_seq; Type: SEQUENCE SET; Schema: public; Owner: tracker
--

SELECT pg_catalog.setval('public.webhooks_id_seq', 1, true);


--
-- Name: api_tokens api_tokens_hash_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_hash_key UNIQUE (hash);


--
-- Name: api_tokens api_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);


--
-- Name: attachments attachments_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (id);


--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2022 audit_log_2022_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log_2022
    ADD CONSTRAINT audit_log_2022_pkey PRIMARY KEY (id, at);


--
-- Name: audit_log_2023 audit_log_2023_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.audit_log_2023
    ADD CONSTRAINT audit_log_2023_pkey PRIMARY KEY (id, at);


--
-- Name: board_columns board_columns_board_id_position_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.board_columns
    ADD CONSTRAINT board_columns_board_id_position_key UNIQUE (board_id, "position") DEFERRABLE INITIALLY DEFERRED;


--
-- Name: board_columns board_columns_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.board_columns
    ADD CONSTRAINT board_columns_pkey PRIMARY KEY (id);


--
-- Name: boards boards_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.boards
    ADD CONSTRAINT boards_pkey PRIMARY KEY (id);


--
-- Name: boards boards_project_name; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.boards
    ADD CONSTRAINT boards_project_name UNIQUE (project_id, name);


--
-- Name: cards cards_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (board_column_id, issue_id);


--
-- Name: comments comments_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);


--
-- Name: custom_fields custom_fields_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.custom_fields
    ADD CONSTRAINT custom_fields_pkey PRIMARY KEY (id);


--
-- Name: custom_values custom_values_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.custom_values
    ADD CONSTRAINT custom_values_pkey PRIMARY KEY (field_id, issue_id);


--
-- Name: identities identities_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);


--
-- Name: identities identities_provider_subject_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_provider_subject_key UNIQUE (provider, subject);


--
-- Name: issue_labels issue_labels_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_labels
    ADD CONSTRAINT issue_labels_pkey PRIMARY KEY (issue_id, label_id);


--
-- Name: issue_links issue_links_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_links
    ADD CONSTRAINT issue_links_pkey PRIMARY KEY (from_id, to_id, kind);


--
-- Name: issues issues_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_pkey PRIMARY KEY (id);


--
-- Name: issues issues_project_id_number_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_project_id_number_key UNIQUE (project_id, number);


--
-- Name: labels labels_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (id);


--
-- Name: labels labels_project_name; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_project_name UNIQUE (project_id, name);


--
-- Name: mentions mentions_comment_id_user_id_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_comment_id_user_id_key UNIQUE (comment_id, user_id);


--
-- Name: mentions mentions_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_pkey PRIMARY KEY (id);


--
-- Name: milestones milestones_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_pkey PRIMARY KEY (id);


--
-- Name: notifications notifications_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);


--
-- Name: projects projects_key_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_key_key UNIQUE (key);


--
-- Name: projects projects_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);


--
-- Name: reactions reactions_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_pkey PRIMARY KEY (comment_id, user_id, emoji);


--
-- Name: saved_searches saved_searches_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);


--
-- Name: saved_searches saved_searches_user_name; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_user_name UNIQUE (user_id, name);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);


--
-- Name: sprints sprints_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.sprints
    ADD CONSTRAINT sprints_pkey PRIMARY KEY (id);


--
-- Name: team_members team_members_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT team_members_pkey PRIMARY KEY (team_id, user_id);


--
-- Name: teams teams_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_pkey PRIMARY KEY (id);


--
-- Name: teams teams_slug_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_slug_key UNIQUE (slug);


--
-- Name: time_entries time_entries_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.time_entries
    ADD CONSTRAINT time_entries_pkey PRIMARY KEY (id);


--
-- Name: time_entries time_entries_user_id_tstzrange_excl; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.time_entries
    ADD CONSTRAINT time_entries_user_id_tstzrange_excl EXCLUDE USING gist (user_id WITH =, tstzrange(started_at, ended_at) WITH &&);


--
-- Name: user_settings user_settings_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.user_settings
    ADD CONSTRAINT user_settings_pkey PRIMARY KEY (user_id);


--
-- Name: users users_name_key; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_name_key UNIQUE (name);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: watchers watchers_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.watchers
    ADD CONSTRAINT watchers_pkey PRIMARY KEY (user_id, issue_id, reason);


--
-- Name: webhook_deliveries webhook_deliveries_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);


--
-- Name: webhooks webhooks_pkey; Type: CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);


--
-- Name: attachments_issue_idx; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX attachments_issue_idx ON public.attachments USING btree (issue_id);


--
-- Name: attachments_sha256_idx; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX attachments_sha256_idx ON public.attachments USING hash (sha256);


--
-- Name: cards_issue; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX cards_issue ON public.cards USING btree (issue_id);


--
-- Name: comments_parent_idx; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX comments_parent_idx ON public.comments USING btree (parent_id);


--
-- Name: idx_comments_issue; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX idx_comments_issue ON public.comments USING btree (issue_id);


--
-- Name: idx_issues_alive; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX idx_issues_alive ON public.issues USING btree (project_id, number) WHERE (deleted_at IS NULL);


--
-- Name: idx_issues_assignee; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX idx_issues_assignee ON public.issues USING btree (assignee_id) WHERE (assignee_id IS NOT NULL);


--
-- Name: idx_issues_author; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX idx_issues_author ON public.issues USING btree (author_id);


--
-- Name: issue_labels_label; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX issue_labels_label ON public.issue_labels USING btree (label_id);


--
-- Name: issue_links_to; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX issue_links_to ON public.issue_links USING btree (to_id);


--
-- Name: issues_project_created; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX issues_project_created ON public.issues USING btree (project_id, created_at DESC);


--
-- Name: issues_search; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX issues_search ON public.issues USING gin (search_vector);


--
-- Name: mentions_user; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX mentions_user ON public.mentions USING btree (user_id);


--
-- Name: notifications_unread; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX notifications_unread ON public.notifications USING btree (user_id, created_at DESC NULLS LAST) WHERE (read_at IS NULL);


--
-- Name: projects_owner_key; Type: INDEX; Schema: public; Owner: tracker
--

CREATE UNIQUE INDEX projects_owner_key ON public.projects USING btree (owner_id, lower((key)::text));


--
-- Name: projects_public_id; Type: INDEX; Schema: public; Owner: tracker
--

CREATE UNIQUE INDEX projects_public_id ON public.projects USING btree (public_id);


--
-- Name: sessions_expiry; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX sessions_expiry ON public.sessions USING btree (expires_at);


--
-- Name: users_email_lower; Type: INDEX; Schema: public; Owner: tracker
--

CREATE UNIQUE INDEX users_email_lower ON public.users USING btree (lower((email)::text));


--
-- Name: webhook_deliveries_hook; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX webhook_deliveries_hook ON public.webhook_deliveries USING btree (webhook_id, delivered_at DESC);


--
-- Name: webhook_deliveries_request; Type: INDEX; Schema: public; Owner: tracker
--

CREATE INDEX webhook_deliveries_request ON public.webhook_deliveries USING gin (request jsonb_path_ops);


--
-- Name: audit_log_2022_pkey; Type: INDEX ATTACH; Schema: public; Owner: tracker
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2022_pkey;


--
-- Name: audit_log_2023_pkey; Type: INDEX ATTACH; Schema: public; Owner: tracker
--

ALTER INDEX public.audit_log_pkey ATTACH PARTITION public.audit_log_2023_pkey;


--
-- Name: issues issues_counted; Type: TRIGGER; Schema: public; Owner: tracker
--

CREATE TRIGGER issues_counted AFTER INSERT OR DELETE ON public.issues FOR EACH ROW EXECUTE FUNCTION public.count_issues();


--
-- Name: issues issues_search_update; Type: TRIGGER; Schema: public; Owner: tracker
--

CREATE TRIGGER issues_search_update BEFORE INSERT OR UPDATE ON public.issues FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('search_vector', 'pg_catalog.english', 'title', 'body');


--
-- Name: users users_touch; Type: TRIGGER; Schema: public; Owner: tracker
--

CREATE TRIGGER users_touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();


--
-- Name: api_tokens api_tokens_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: attachments attachments_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: board_columns board_columns_board_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.board_columns
    ADD CONSTRAINT board_columns_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.boards(id) ON DELETE CASCADE;


--
-- Name: boards boards_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.boards
    ADD CONSTRAINT boards_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: cards cards_board_column_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_board_column_id_fkey FOREIGN KEY (board_column_id) REFERENCES public.board_columns(id) ON DELETE CASCADE;


--
-- Name: cards cards_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: comments comments_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: comments comments_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: comments comments_parent_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_parent_fk FOREIGN KEY (parent_id) REFERENCES public.comments(id) ON DELETE CASCADE;


--
-- Name: custom_fields custom_fields_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.custom_fields
    ADD CONSTRAINT custom_fields_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: custom_values custom_values_field_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.custom_values
    ADD CONSTRAINT custom_values_field_id_fkey FOREIGN KEY (field_id) REFERENCES public.custom_fields(id) ON DELETE CASCADE;


--
-- Name: custom_values custom_values_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.custom_values
    ADD CONSTRAINT custom_values_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: identities identities_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: issue_labels issue_labels_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_labels
    ADD CONSTRAINT issue_labels_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: issue_labels issue_labels_label_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_labels
    ADD CONSTRAINT issue_labels_label_id_fkey FOREIGN KEY (label_id) REFERENCES public.labels(id) ON DELETE CASCADE;


--
-- Name: issue_links issue_links_from_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_links
    ADD CONSTRAINT issue_links_from_id_fkey FOREIGN KEY (from_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: issue_links issue_links_to_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issue_links
    ADD CONSTRAINT issue_links_to_id_fkey FOREIGN KEY (to_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: issues issues_assignee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES public.users(id) ON DELETE SET NULL;


--
-- Name: issues issues_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE SET NULL;


--
-- Name: issues issues_milestone_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_milestone_id_fkey FOREIGN KEY (milestone_id) REFERENCES public.milestones(id) ON DELETE SET NULL;


--
-- Name: issues issues_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: issues issues_sprint_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_sprint_id_fkey FOREIGN KEY (sprint_id) REFERENCES public.sprints(id) ON DELETE SET NULL;


--
-- Name: labels labels_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: mentions mentions_comment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;


--
-- Name: mentions mentions_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.mentions
    ADD CONSTRAINT mentions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: milestones milestones_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.milestones
    ADD CONSTRAINT milestones_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: notifications notifications_comment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;


--
-- Name: notifications notifications_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: notifications notifications_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: projects projects_owner_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: projects projects_team_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_team_id_fkey FOREIGN KEY (team_id) REFERENCES public.teams(id) ON DELETE RESTRICT;


--
-- Name: reactions reactions_comment_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_comment_fk FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;


--
-- Name: reactions reactions_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: saved_searches saved_searches_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: sessions sessions_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: sprints sprints_board_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.sprints
    ADD CONSTRAINT sprints_board_id_fkey FOREIGN KEY (board_id) REFERENCES public.boards(id) ON DELETE CASCADE;


--
-- Name: team_members team_members_team_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT team_members_team_id_fkey FOREIGN KEY (team_id) REFERENCES public.teams(id) ON DELETE CASCADE;


--
-- Name: team_members team_members_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.team_members
    ADD CONSTRAINT team_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: time_entries time_entries_issue_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.time_entries
    ADD CONSTRAINT time_entries_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES public.issues(id);


--
-- Name: time_entries time_entries_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.time_entries
    ADD CONSTRAINT time_entries_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);


--
-- Name: user_settings user_settings_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.user_settings
    ADD CONSTRAINT user_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: users users_invited_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id);


--
-- Name: watchers watchers_issue_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.watchers
    ADD CONSTRAINT watchers_issue_fk FOREIGN KEY (issue_id) REFERENCES public.issues(id) ON DELETE CASCADE;


--
-- Name: watchers watchers_user_fk; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.watchers
    ADD CONSTRAINT watchers_user_fk FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;


--
-- Name: webhook_deliveries webhook_deliveries_webhook_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES public.webhooks(id) ON DELETE CASCADE;


--
-- Name: webhooks webhooks_project_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: tracker
--

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;


--
-- Name: comments; Type: ROW SECURITY; Schema: public; Owner: tracker
--

ALTER TABLE public.comments ENABLE ROW LEVEL SECURITY;

--
-- Name: comments own_comments; Type: POLICY; Schema: public; Owner: tracker
--

CREATE POLICY own_comments ON public.comments FOR UPDATE USING ((author_id = (current_setting('tracker.user'::text))::integer));


--
-- Name: TABLE saved_searches; Type: ACL; Schema: public; Owner: tracker
--

GRANT SELECT ON TABLE public.saved_searches TO reporting;


--
-- PostgreSQL database dump complete
--

\unrestrict OHsTsqcgKhZOU56fIFns6VYh3f7FVIWhCU4QCOs3clbgw3PLNKAB1z9MMqbp26J

