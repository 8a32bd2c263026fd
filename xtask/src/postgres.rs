//! A PostgreSQL server of our own, from the system's binaries, in a temporary folder, never run as root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};

use crate::clock::POLL_INTERVAL;
use crate::clock::Stopwatch;
use crate::loopback;
use crate::process;
use crate::stop;

/// Folder in which distributions install the server's programs, one subfolder per version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Maximum wait for the server to answer.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Users to run it as if we are root, because PostgreSQL refuses to run as root.
const SERVANTS: [&str; 2] = ["postgres", "nobody"];
/// Name of its superuser in the database.
const SUPERUSER: &str = "necto";

/// A database engine that the backend works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Engine {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL of our own.
    Postgres,
}

/// A running server, stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts a server; `None`, with a message, if the system has no PostgreSQL.
    pub(crate) fn start() -> Result<Option<Self>> {
        let Some(programs) = newest(Path::new(VERSIONS)) else {
            println!(
                "skipped: no PostgreSQL in {VERSIONS}; get it with your package manager (Debian: apt install postgresql)"
            );
            return Ok(None);
        };
        let servant = servant()?;
        let port = loopback::free_port(54_320)?;
        let folder = std::env::temp_dir().join(format!("necto-postgres-{}", std::process::id()));
        fs::create_dir(&folder).context("could not create a folder for PostgreSQL")?;
        if let Some(user) = &servant {
            chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .context("could not hand the folder over")?;
        }
        let data = folder.join("data");
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(&folder);
            if let Some(user) = &servant {
                command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            command
        };
        process::capture(
            program("initdb")
                .arg("--pgdata")
                .arg(&data)
                .args(["--username", SUPERUSER, "--auth", "trust", "--no-sync"])
                .args(["--encoding", "UTF8", "--locale", "C"]),
        )?;
        let log = fs::File::create(folder.join("log")).context("could not write a log")?;
        let child = program("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "max_connections=200"])
            // Only its processes are killed here, never the machine: writes survive without waiting for the disk.
            .args(["-c", "fsync=off"])
            .arg("-k")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("could not share a log file")?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("could not start PostgreSQL")?;
        let server = Self {
            child,
            folder,
            port,
        };
        server.wait_until_ready(&programs)?;
        Ok(Some(server))
    }

    /// Address of its first database, for creating others.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&self, programs: &Path) -> Result<()> {
        let waited = Stopwatch::start();
        loop {
            let ready = Command::new(programs.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .context("could not ask PostgreSQL")?;
            if ready.success() {
                return Ok(());
            }
            if waited.elapsed() > READY_WITHIN {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not answer:\n{log}");
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is an orderly shutdown that does not wait for clients.
        let ended = stop::end_with(&mut self.child, Signal::SIGINT, Duration::from_secs(15));
        if let Err(error) = ended {
            eprintln!("{error:#}");
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("could not remove {}: {error}", self.folder.display());
        }
    }
}

/// Returns the folder with the programs of the newest version.
fn newest(versions: &Path) -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let programs = path.join("bin");
            programs
                .join("postgres")
                .exists()
                .then_some((version, programs))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, programs)| programs)
}

/// Returns the user to run it as; `None` to run it as ourselves.
fn servant() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in SERVANTS {
        if let Some(user) = User::from_name(name).context("could not read the users")? {
            return Ok(Some(user));
        }
    }
    bail!(
        "PostgreSQL must not run as root, and there is no user to run it as: run xtask as yourself."
    )
}
