//! What can be learnt of a process by its number, and the one thing that is done to one.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether a process runs.
pub(super) fn is_alive(pid: u32) -> bool {
    if Path::new("/proc/self").exists() {
        // One that has ended stays listed until its parent asks, and the first process of a container may never.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().next());
        return state.is_some_and(|state| !matches!(state, "Z" | "X"));
    }
    let ps = Command::new("ps").arg("-p").arg(pid.to_string()).output();
    ps.is_ok_and(|output| output.status.success())
}

/// Whether a process is a PostgreSQL that works in this data directory. Says no where that cannot be seen.
pub(super) fn is_postgres_in(pid: u32, data: &Path) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let works_in = fs::read_link(format!("/proc/{pid}/cwd"));
    is_alive(pid) && name.trim().starts_with("post") && works_in.is_ok_and(|folder| folder == data)
}

/// Sends a signal to one process, by the shell's own `kill`: the program of that name takes negative numbers for many.
pub(super) fn signal(pid: u32, name: &str) {
    if pid > 1 {
        let _ = Command::new("/bin/sh")
            .args(["-c", &format!("kill -s {name} {pid}")])
            .output();
    }
}
