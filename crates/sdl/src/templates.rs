//! Built-in templates, as data: each becomes a document that can be deployed unchanged.

use domain::requirements::{self, Template as Kind};
use domain::resources::Bytes;

use crate::draft::{self, Draft};
use crate::recipe::Recipe;
use crate::secret::TO_BE_GENERATED;

mod about;

/// A built-in template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Id in URLs, in JSON and on the command line.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Use of the workload, in one sentence.
    pub description: &'static str,
    /// Category that the template is filed under.
    pub category: &'static str,
    /// The kind of workload by which the interpreter knows it.
    pub kind: Kind,
    pub(crate) recipe: Recipe,
}

/// Every template, in the order in which they are offered.
pub const ALL: [Template; 9] = [
    Template {
        id: "ml-training",
        title: "ML training with GPU",
        description: "PyTorch with CUDA and JupyterLab on one or more GPUs.",
        category: "Machine learning",
        kind: Kind::MlTraining,
        recipe: Recipe {
            service: "trainer",
            image: "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
            command: &[
                "bash",
                "-c",
                "pip install --no-cache-dir jupyterlab==4.3.4 && exec jupyter lab --allow-root --ip=0.0.0.0 --port={port} --IdentityProvider.token=\"$JUPYTER_TOKEN\"",
            ],
            env: &[("JUPYTER_TOKEN", TO_BE_GENERATED)],
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
        category: "Web",
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
        category: "Web",
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
        category: "Web",
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
        category: "Databases",
        kind: Kind::Postgres,
        recipe: Recipe {
            service: "postgres",
            image: "postgres:17.2-alpine",
            command: &[],
            env: &[
                ("POSTGRES_USER", "app"),
                ("POSTGRES_DB", "app"),
                ("POSTGRES_PASSWORD", TO_BE_GENERATED),
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
        category: "Databases",
        kind: Kind::Redis,
        recipe: Recipe {
            service: "redis",
            image: "redis:7.4-alpine",
            command: &[
                "sh",
                "-c",
                "exec redis-server --port {port} --requirepass \"$REDIS_PASSWORD\"",
            ],
            env: &[("REDIS_PASSWORD", TO_BE_GENERATED)],
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
        category: "Web",
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
        category: "Web",
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
        category: "Web",
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
    /// Whether asking for the kind in words yields exactly this template. It can then be drafted
    /// from a wish, with every field open to change.
    #[must_use]
    pub fn is_its_kind(&self) -> bool {
        self.id == self.kind.id()
    }

    /// Purpose, possible changes and notes before use, in Markdown.
    #[must_use]
    pub fn about(&self) -> &'static str {
        about::about(self.id)
    }

    /// Settings meant to be changed, with their current values. Secrets that are generated per
    /// order come first.
    #[must_use]
    pub fn adjustable(&self) -> Vec<(&'static str, String)> {
        let port = self.recipe.port.to_string();
        let mut env: Vec<(&str, String)> = self
            .recipe
            .env
            .iter()
            .filter(|(_, value)| !value.contains("{port}"))
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        env.sort_by_key(|(_, value)| value != TO_BE_GENERATED);
        env.push(("image", self.recipe.image.to_owned()));
        env.push(("port", port));
        if self.kind.keeps_data() {
            env.push(("volume", self.recipe.mount.to_owned()));
        }
        env
    }

    /// The document, with the kind's usual sizes.
    #[must_use]
    pub fn sdl(&self) -> String {
        let sizes: requirements::Defaults = self.kind.defaults();
        draft::write(&Draft {
            title: self.title,
            recipe: Some(&self.recipe),
            image: None,
            env: &[],
            ports: &[self.recipe.port],
            cpu_milli: sizes.cpu.0,
            memory_bytes: sizes.memory.0.max(self.recipe.memory.unwrap_or_default().0),
            storage_bytes: sizes.storage.0,
            persistent: self.kind.keeps_data(),
            gpu: sizes.needs_gpu.then_some(draft::ANY_GPU).as_ref(),
            replicas: 1,
            region: None,
            price_cap: None,
        })
    }
}

#[cfg(test)]
mod tests;
