//! Ready-made workloads, as data: each becomes a document that can be deployed as it is.

use domain::requirements::{self, Template as Kind};
use domain::resources::Bytes;

use crate::generate::{self, Draft};

/// A ready-made workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its id in URLs, JSON and on the command line.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is good for, one sentence.
    pub description: &'static str,
    /// The kind of workload that the interpreter knows it by.
    pub kind: Kind,
    pub(crate) recipe: Recipe,
}

/// What runs in a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// The name of the service.
    pub(crate) service: &'static str,
    pub(crate) image: &'static str,
    /// What to run instead of the image's entrypoint; `{port}` stands for the port.
    pub(crate) command: &'static [&'static str],
    /// Variables with their values; `{port}` stands for the port.
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// Where a persistent volume belongs.
    pub(crate) mount: &'static str,
    /// Whether the port speaks HTTP, and so gets a web address.
    pub(crate) is_web: bool,
    /// The port it listens on without being told otherwise.
    pub(crate) port: u16,
    /// How much memory it needs at the least to start, above the kind's usual size.
    pub(crate) memory: Option<Bytes>,
    /// Why this image, or what to put in its place: a comment.
    pub(crate) hint: &'static str,
}

/// A value that must be changed before the workload holds anything of worth.
pub(crate) const PLACEHOLDER: &str = "change-me";

/// Every template, in the order they are offered.
pub const ALL: [Template; 9] = [
    Template {
        id: "ml-training",
        title: "ML training with GPU",
        description: "PyTorch with CUDA and JupyterLab on one or more GPUs.",
        kind: Kind::MlTraining,
        recipe: Recipe {
            service: "trainer",
            image: "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
            command: &[
                "bash",
                "-c",
                "pip install --no-cache-dir jupyterlab==4.3.4 && exec jupyter lab --allow-root --ip=0.0.0.0 --port={port} --IdentityProvider.token=\"$JUPYTER_TOKEN\"",
            ],
            env: &[("JUPYTER_TOKEN", PLACEHOLDER)],
            mount: "/workspace/data",
            is_web: true,
            port: 8888,
            memory: None,
            hint: "PyTorch with CUDA; JupyterLab opens with the token below. Put your own training image here.",
        },
    },
    Template {
        id: "web-node",
        title: "Node.js web service",
        description: "A Node.js server behind a web address.",
        kind: Kind::WebNode,
        recipe: Recipe {
            service: "web",
            image: "node:22.12-alpine",
            command: &[
                "node",
                "-e",
                "require('http').createServer((request, response) => response.end('Hello from Node.js\\n')).listen(process.env.PORT)",
            ],
            env: &[("NODE_ENV", "production"), ("PORT", "{port}")],
            mount: "/data",
            is_web: true,
            port: 3000,
            memory: None,
            hint: "Says hello. Put the image of your own service here and remove the command.",
        },
    },
    Template {
        id: "web-python",
        title: "Python web service",
        description: "A Python server behind a web address.",
        kind: Kind::WebPython,
        recipe: Recipe {
            service: "web",
            image: "python:3.13-slim",
            command: &["python", "-m", "http.server", "{port}"],
            env: &[("PYTHONUNBUFFERED", "1")],
            mount: "/data",
            is_web: true,
            port: 8000,
            memory: None,
            hint: "Lists its files. Put the image of your own service here and remove the command.",
        },
    },
    Template {
        id: "static-site",
        title: "Static site",
        description: "Files served by nginx at a web address.",
        kind: Kind::StaticSite,
        recipe: Recipe {
            service: "site",
            image: "nginx:1.27-alpine",
            command: &[],
            env: &[],
            mount: "/usr/share/nginx/html",
            is_web: true,
            port: 80,
            memory: None,
            hint: "Serves /usr/share/nginx/html. Build an image with your files from it.",
        },
    },
    Template {
        id: "postgres",
        title: "PostgreSQL",
        description: "A PostgreSQL database whose data survives restarts.",
        kind: Kind::Postgres,
        recipe: Recipe {
            service: "postgres",
            image: "postgres:17.2-alpine",
            command: &[],
            env: &[
                ("POSTGRES_USER", "app"),
                ("POSTGRES_DB", "app"),
                ("POSTGRES_PASSWORD", PLACEHOLDER),
                // The root of a fresh volume holds lost+found, which the database refuses.
                ("PGDATA", "/var/lib/postgresql/data/pgdata"),
            ],
            mount: "/var/lib/postgresql/data",
            is_web: false,
            port: 5432,
            memory: None,
            hint: "The official image; the first start makes the user and the database below.",
        },
    },
    Template {
        id: "redis",
        title: "Redis",
        description: "A Redis cache with a password.",
        kind: Kind::Redis,
        recipe: Recipe {
            service: "redis",
            image: "redis:7.4-alpine",
            command: &[
                "sh",
                "-c",
                "exec redis-server --port {port} --requirepass \"$REDIS_PASSWORD\"",
            ],
            env: &[("REDIS_PASSWORD", PLACEHOLDER)],
            mount: "/data",
            is_web: false,
            port: 6379,
            memory: None,
            hint: "The official image, with the password below.",
        },
    },
    Template {
        id: "next",
        title: "Next.js",
        description: "A Next.js application, built and served on the spot.",
        kind: Kind::WebNode,
        recipe: Recipe {
            service: "web",
            image: "node:22.12-alpine",
            command: &[
                "sh",
                "-c",
                "npx --yes create-next-app@15.1 /app --yes && cd /app && npx next build && exec npx next start --port {port}",
            ],
            env: &[("NEXT_TELEMETRY_DISABLED", "1")],
            mount: "/data",
            is_web: true,
            port: 3000,
            memory: Some(Bytes::gib(2)),
            hint: "Builds the starter application. Put the image of your own application here and remove the command.",
        },
    },
    Template {
        id: "react",
        title: "React",
        description: "A React application, built with Vite and served as files.",
        kind: Kind::WebNode,
        recipe: Recipe {
            service: "web",
            image: "node:22.12-alpine",
            command: &[
                "sh",
                "-c",
                "npm create --yes vite@6.1 /app -- --template react && cd /app && npm install && npx vite build && exec npx --yes serve@14.2 --single dist --listen {port}",
            ],
            env: &[],
            mount: "/data",
            is_web: true,
            port: 3000,
            memory: Some(Bytes::gib(2)),
            hint: "Builds the starter application. Put the image of your own application here and remove the command.",
        },
    },
    Template {
        id: "vue",
        title: "Vue",
        description: "A Vue application, built with Vite and served as files.",
        kind: Kind::WebNode,
        recipe: Recipe {
            service: "web",
            image: "node:22.12-alpine",
            command: &[
                "sh",
                "-c",
                "npm create --yes vite@6.1 /app -- --template vue && cd /app && npm install && npx vite build && exec npx --yes serve@14.2 --single dist --listen {port}",
            ],
            env: &[],
            mount: "/data",
            is_web: true,
            port: 3000,
            memory: Some(Bytes::gib(2)),
            hint: "Builds the starter application. Put the image of your own application here and remove the command.",
        },
    },
];

/// The template with an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Template> {
    static TEMPLATES: [Template; 9] = ALL;
    TEMPLATES.iter().find(|template| template.id == id)
}

/// The template of a kind of workload.
#[must_use]
pub fn of_kind(kind: Kind) -> &'static Template {
    by_id(kind.id()).expect("every kind has the template of its id")
}

impl Template {
    /// The document, with the kind's usual sizes.
    #[must_use]
    pub fn sdl(&self) -> String {
        let sizes: requirements::Defaults = self.kind.defaults();
        generate::write(&Draft {
            title: self.title,
            recipe: Some(&self.recipe),
            image: None,
            env: &[],
            ports: &[self.recipe.port],
            cpu_milli: sizes.cpu.0,
            memory_bytes: sizes.memory.0.max(self.recipe.memory.unwrap_or_default().0),
            storage_bytes: sizes.storage.0,
            persistent: self.kind.keeps_data(),
            gpu: sizes.needs_gpu.then_some(generate::ANY_GPU).as_ref(),
            replicas: 1,
            region: None,
            price_cap: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialect, Severity};

    #[test]
    fn every_template_is_deployable_as_it_is_and_the_same_in_both_dialects() {
        for template in ALL {
            let text = template.sdl();
            let report = crate::check(&text);
            for diagnostic in &report.diagnostics {
                let expected =
                    diagnostic.severity == Severity::Warning && diagnostic.code == "placeholder";
                assert!(expected, "{}: {diagnostic:?}\n{text}", template.id);
            }
            let console = crate::derive(&text, Dialect::Console).unwrap();
            let command_line = crate::derive(&text, Dialect::Go).unwrap();
            assert_eq!(
                console.manifest.sorted_json(),
                command_line.manifest.sorted_json(),
                "{}",
                template.id
            );
            let unit = &console.groups[0].resources[0];
            assert_eq!(unit.price.denom, "uact");
        }
    }

    #[test]
    fn every_kind_of_workload_has_its_template() {
        for kind in Kind::ALL {
            assert_eq!(of_kind(kind).kind, kind);
            assert_eq!(of_kind(kind).title, kind.title());
            assert_eq!(of_kind(kind).recipe.port, kind.defaults().port);
        }
        assert_eq!(by_id("nothing"), None);
    }

    #[test]
    fn no_template_names_an_image_without_a_version() {
        for template in ALL {
            let (_, tag) = template.recipe.image.rsplit_once(':').unwrap();
            assert_ne!(tag, "latest");
        }
    }
}
