//! What to run: frameworks, products and plain words, weighed against each other.

use domain::requirements::{Template, Wish};

use crate::reading::Reading;

use Template::{MlTraining, Postgres, Redis, StaticSite, WebNode, WebPython};

/// Names and their weight: a product outweighs a framework, a framework a language, a language a
/// plain word. A word of weight 1 decides only where nothing else was said.
const WORKLOADS: &[(Template, u8, &[&str])] = &[
    (
        Postgres,
        6,
        &[
            "postgres",
            "postgresql",
            "postgre",
            "postgre sql",
            "psql",
            "pgvector",
            "timescale",
            "timescaledb",
            "postgis",
            "postgres db",
            "pg",
        ],
    ),
    (
        Postgres,
        2,
        &[
            "sql database",
            "relational database",
            "datenbank",
            "base de datos",
            "database",
            "db",
            "sql",
            "rdbms",
            "databases",
            "bbdd",
        ],
    ),
    (
        Redis,
        6,
        &[
            "redis",
            "valkey",
            "keydb",
            "redis cache",
            "redis server",
            "redis stack",
        ],
    ),
    (
        Redis,
        2,
        &[
            "cache",
            "in memory cache",
            "in memory store",
            "key value store",
            "session store",
            "caching",
            "memory cache",
            "zwischenspeicher",
        ],
    ),
    (
        WebNode,
        5,
        &[
            "node js",
            "nodejs",
            "node app",
            "node service",
            "node server",
            "node api",
            "node backend",
            "node application",
            "node project",
            "express",
            "express js",
            "expressjs",
            "next js",
            "nextjs",
            "nest js",
            "nestjs",
            "nest",
            "nuxt",
            "nuxtjs",
            "nuxt js",
            "fastify",
            "koa",
            "hono",
            "hapi",
            "remix",
            "sveltekit",
            "socket io",
            "strapi",
            "meteor",
            "adonis",
            "adonisjs",
            "next app",
            "node microservice",
            "node web",
            "express api",
            "deno",
            "bun",
            "node website",
            "keystone",
            "payload cms",
            "node bot",
            "discord js",
            "feathersjs",
        ],
    ),
    (
        WebNode,
        3,
        &[
            "typescript",
            "javascript",
            "npm",
            "pnpm",
            "yarn",
            "node",
            "nodes js",
            "react",
            "react app",
            "vue",
            "angular",
            "svelte",
            "js backend",
            "js app",
            "ts app",
            "ts backend",
            "graphql",
            "nodo js",
            "js service",
        ],
    ),
    (
        WebPython,
        5,
        &[
            "fastapi",
            "fast api",
            "flask",
            "django",
            "uvicorn",
            "gunicorn",
            "streamlit",
            "starlette",
            "tornado",
            "sanic",
            "aiohttp",
            "litestar",
            "wagtail",
            "celery",
            "falcon api",
            "pyramid",
            "django app",
            "bottle py",
            "python web",
            "python api",
            "quart",
            "wsgi",
            "asgi",
            "plotly dash",
        ],
    ),
    (
        WebPython,
        3,
        &[
            "python",
            "python3",
            "py",
            "gradio",
            "pip",
            "scrapy",
            "python script",
            "python app",
            "python service",
        ],
    ),
    (
        StaticSite,
        5,
        &[
            "static",
            "static site",
            "static website",
            "static files",
            "static page",
            "static pages",
            "static html",
            "static web",
            "static content",
            "nginx",
            "html",
            "hugo",
            "jekyll",
            "gatsby",
            "astro",
            "eleventy",
            "docusaurus",
            "vitepress",
            "mkdocs",
            "landing page",
            "landingpage",
            "landing",
            "portfolio",
            "estatico",
            "estatica",
            "estaticos",
            "statische",
            "statischen",
            "statisch",
            "caddy",
            "httpd",
            "apache",
            "html page",
            "web server nginx",
            "docs site",
            "documentation site",
            "spa",
            "single page app",
            "pelican",
            "11 ty",
            "hexo",
            "zola",
            "static assets",
            "paginas estaticas",
        ],
    ),
    (
        StaticSite,
        2,
        &[
            "website",
            "web site",
            "webseite",
            "webseiten",
            "homepage",
            "sitio web",
            "pagina web",
            "web page",
            "webpage",
            "blog",
            "css",
            "site",
            "internetseite",
            "documentation",
            "brochure site",
            "pagina",
            "sitio",
        ],
    ),
    (
        MlTraining,
        6,
        &[
            "train",
            "training",
            "trained",
            "trainiere",
            "trainieren",
            "entrenar",
            "entrenamiento",
            "entreno",
            "fine tune",
            "fine tuning",
            "fine tuned",
            "finetune",
            "finetuning",
            "finetuned",
            "fine tunen",
            "finetunen",
            "lora",
            "qlora",
            "dpo",
            "rlhf",
            "pretrain",
            "pretraining",
            "pre train",
            "pre training",
            "retrain",
            "feinabstimmung",
            "ajuste fino",
            "afinar",
            "deep learning",
            "machine learning",
            "ml training",
            "maschinelles lernen",
            "aprendizaje automatico",
            "ml model",
            "trainings",
            "trains",
            "entrena",
        ],
    ),
    (
        MlTraining,
        5,
        &[
            "pytorch",
            "torch",
            "tensorflow",
            "jax",
            "keras",
            "huggingface",
            "hugging face",
            "stable diffusion",
            "sdxl",
            "comfyui",
            "comfy ui",
            "automatic1111",
            "a1111",
            "flux",
            "whisper",
            "vllm",
            "ollama",
            "tgi",
            "sglang",
            "triton",
            "tensorrt",
            "llama cpp",
            "llamacpp",
            "llama",
            "llama2",
            "llama3",
            "mistral",
            "mixtral",
            "bert",
            "gpt2",
            "gpt j",
            "resnet",
            "yolo",
            "yolov8",
            "deepseek",
            "qwen",
            "gemma",
            "falcon",
            "codellama",
            "cuda",
            "deepspeed",
            "axolotl",
            "unsloth",
            "megatron",
            "accelerate",
            "nemo",
            "diffusers",
            "dreambooth",
            "controlnet",
            "kohya",
            "text generation webui",
            "bloom",
            "vicuna",
            "starcoder",
            "phi3",
            "diffusion",
            "xgboost",
            "lightgbm",
            "open webui",
            "gpt oss",
            "kimi",
            "stablediffusion",
            "vit",
            "unet",
            "gan",
        ],
    ),
    (
        MlTraining,
        4,
        &[
            "inference",
            "inferenz",
            "inferencia",
            "inferencing",
            "llm",
            "llms",
            "language model",
            "neural network",
            "neural net",
            "sprachmodell",
            "modelo de lenguaje",
            "ml",
            "ai model",
            "embeddings",
            "embedding",
            "chatbot model",
            "image generation",
            "text to image",
            "render",
            "rendering",
            "blender",
            "jupyter",
            "jupyterlab",
            "jupyter notebook",
            "data science",
            "ki modell",
            "transformer",
            "transformers",
            "neuronales netz",
            "red neuronal",
            "reinforcement learning",
            "speech recognition",
            "computer vision",
            "ml workload",
            "ai workload",
            "batch inference",
            "model serving",
            "modelo",
            "ki",
        ],
    ),
    (
        WebNode,
        1,
        &[
            "web app",
            "webapp",
            "web application",
            "web service",
            "webservice",
        ],
    ),
];

/// Products without a template: their image has to be named.
const UNSUPPORTED: &[&str] = &[
    "mysql",
    "mariadb",
    "mongodb",
    "mongo",
    "memcached",
    "memcache",
    "rabbitmq",
    "kafka",
    "elasticsearch",
    "cassandra",
    "minecraft",
    "wordpress",
    "rails",
    "ruby",
    "ruby on rails",
    "golang",
    "rust",
    "java",
    "spring boot",
    "spring",
    "php",
    "laravel",
    "dotnet",
    "asp net",
    "sqlite",
    "clickhouse",
    "neo4j",
    "influxdb",
    "grafana",
    "prometheus",
    "couchdb",
    "oracle",
    "mssql",
    "sql server",
    "haskell",
    "elixir",
    "phoenix",
    "scala",
    "kotlin",
    "vpn",
    "wireguard",
    "valheim",
    "game server",
    "bitcoin node",
    "ethereum node",
    "validator",
    "nextcloud",
    "gitlab",
    "jenkins",
    "minio",
    "etcd",
    "nats",
    "opensearch",
    "cockroachdb",
    "scylla",
    "dragonfly",
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Product {
    Ready(Template),
    Unsupported,
}

struct Mentioned {
    product: Product,
    weight: u8,
    from: usize,
    to: usize,
    /// Only something the workload talks to: “a Django app with Redis”.
    is_companion: bool,
}

/// Whether an image named beside the words settles what runs, so that no question is needed.
pub(crate) struct Beside {
    pub(crate) has_image: bool,
    pub(crate) wants_gpu: bool,
}

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish, beside: &Beside) {
    let mentions = find(reading, beside);
    let Some(chosen) = choose(reading, &mentions) else {
        return;
    };
    match chosen.product {
        Product::Ready(template) => {
            wish.template = Some(template);
            reading.note("template", chosen.from, chosen.to);
            let rival = mentions.iter().find(|other| {
                other.weight >= 5
                    && chosen.weight >= 5
                    && !other.is_companion
                    && other.product != chosen.product
                    && is_product(other.product) != is_product(chosen.product)
                    && !reading.corrected_between(other.to, chosen.to)
                    && !reading.corrected_between(chosen.to, other.to)
            });
            if let Some(Product::Ready(other)) = rival.map(|r| r.product) {
                let question = format!(
                    "One deployment at a time: first the {} or the {}?",
                    template.title(),
                    other.title()
                );
                reading.ask(6, question);
            }
        }
        Product::Unsupported if !beside.has_image => {
            let name = reading.written(chosen.from).to_owned();
            reading.ask(
                8,
                format!("Which container image should run {name}? There is no template for it."),
            );
        }
        Product::Unsupported => {}
    }
}

/// Databases and caches are deployments of their own, next to an application.
fn is_product(product: Product) -> bool {
    matches!(product, Product::Ready(Postgres | Redis))
}

fn find(reading: &Reading<'_>, beside: &Beside) -> Vec<Mentioned> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < reading.len() {
        let Some((product, weight, to)) = product_at(reading, i) else {
            i += 1;
            continue;
        };
        let from = i;
        i = to;
        let only_a_machine = matches!(reading.word(from), "node" | "nodes") && beside.wants_gpu;
        if reading.is_refused(from, to) || only_a_machine {
            continue;
        }
        found.push(Mentioned {
            product,
            weight,
            from,
            to,
            is_companion: is_companion(reading, from),
        });
    }
    found
}

fn product_at(reading: &Reading<'_>, i: usize) -> Option<(Product, u8, usize)> {
    let word = reading.word(i);
    // “11ty” begins with a number, every other name with a letter.
    let digits = reading.digits(i).is_some() && reading.seen(i) == "11";
    if word.is_empty() && !digits {
        return None;
    }
    let here = reading.seen(i);
    let longest = |names: &[&str]| {
        names
            .iter()
            .filter(|name| name.starts_with(here))
            .filter_map(|name| reading.phrase(i, name))
            .max()
    };
    let unsupported = longest(UNSUPPORTED).map(|to| (Product::Unsupported, 5, to));
    let ready = WORKLOADS.iter().filter_map(|(template, weight, names)| {
        Some((Product::Ready(*template), *weight, longest(names)?))
    });
    ready
        .chain(unsupported)
        .max_by_key(|(_, weight, to)| (*to, *weight))
        .or_else(|| Some((Product::Ready(misspelt(word)?), 5, i + 1)))
}

/// Names long and odd enough that one slip of the finger leaves no doubt.
const CLEAR_NAMES: &[(&str, Template)] = &[
    ("postgres", Postgres),
    ("postgresql", Postgres),
    ("redis", Redis),
    ("nginx", StaticSite),
    ("django", WebPython),
    ("fastapi", WebPython),
    ("python", WebPython),
    ("pytorch", MlTraining),
    ("tensorflow", MlTraining),
    ("nodejs", WebNode),
    ("training", MlTraining),
    ("finetune", MlTraining),
    ("inference", MlTraining),
    ("express", WebNode),
    ("jupyter", MlTraining),
    ("website", StaticSite),
    ("streamlit", WebPython),
];

fn misspelt(word: &str) -> Option<Template> {
    if !(5..=12).contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    CLEAR_NAMES
        .iter()
        .find(|(name, _)| is_one_slip(word.as_bytes(), name.as_bytes()))
        .map(|(_, template)| *template)
}

/// One letter too many, too few, wrong, or two swapped, after the same first letter.
fn is_one_slip(typed: &[u8], meant: &[u8]) -> bool {
    if typed.first() != meant.first() || typed.len().abs_diff(meant.len()) > 1 {
        return false;
    }
    let same = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (&typed[same..], &meant[same..]);
    let swapped = typed.len() >= 2
        && meant.len() >= 2
        && typed[0] == meant[1]
        && typed[1] == meant[0]
        && typed[2..] == meant[2..];
    match typed.len().cmp(&meant.len()) {
        std::cmp::Ordering::Less => typed == &meant[1..],
        std::cmp::Ordering::Greater => &typed[1..] == meant,
        std::cmp::Ordering::Equal => swapped || (!typed.is_empty() && typed[1..] == meant[1..]),
    }
}

const COMPANION_LEADS: &[&str] = &[
    "backed by",
    "connects to",
    "connecting to",
    "connected to",
    "talks to",
    "talking to",
    "connect to",
    "that uses",
    "plus",
    "along with",
    "together with",
    "in front of",
    "next to",
    "against",
    "reads from",
    "writes to",
    "behind",
];

fn is_companion(reading: &Reading<'_>, from: usize) -> bool {
    if from > 0 && (reading.is_mark(from - 1, "+") || reading.is_mark(from - 1, "&")) {
        return true;
    }
    (1..=4).any(|back| {
        from.checked_sub(back).is_some_and(|at| {
            let lead = reading
                .any_phrase(at, COMPANION_LEADS)
                .is_some_and(|to| to <= from);
            let with = matches!(
                reading.word(at),
                "with" | "mit" | "con" | "and" | "using" | "via" | "und" | "y"
            ) && (at + 1..from).all(|n| {
                reading.is(
                    n,
                    &[
                        "a", "an", "its", "the", "my", "some", "eine", "einer", "una", "un",
                    ],
                )
            });
            lead || with
        })
    })
}

/// The weightiest mention; a correction drops everything said before it, and a companion counts
/// only where nothing else of weight was said.
fn choose<'m>(reading: &Reading<'_>, mentions: &'m [Mentioned]) -> Option<&'m Mentioned> {
    let mut best: Option<&Mentioned> = None;
    for mention in mentions {
        let Some(held) = best else {
            best = Some(mention);
            continue;
        };
        let corrected = reading.corrected_between(held.to, mention.to);
        if (corrected && mention.weight >= 2) || rank(mention) > rank(held) {
            best = Some(mention);
        }
    }
    best
}

fn rank(mention: &Mentioned) -> u8 {
    let is_training = mention.product == Product::Ready(MlTraining);
    match mention.product {
        // What is trained or served outweighs the tools around it.
        _ if is_training && mention.weight >= 5 => mention.weight + 2,
        Product::Ready(Postgres | Redis) if mention.is_companion => 1,
        _ if mention.is_companion && mention.weight < 5 => mention.weight.saturating_sub(1),
        _ => mention.weight,
    }
}

/// The template an image belongs to, by the last part of its name.
pub(crate) fn template_of_image(image: &str) -> Option<Template> {
    let path = image.split('@').next().unwrap_or(image);
    let base = path.rsplit('/').next().unwrap_or(path);
    let name = base.split(':').next().unwrap_or(base);
    let reading = Reading::new(name);
    match product_at(&reading, 0) {
        // `vllm-openai` is vLLM in other clothes; `redis-proxy` is not Redis.
        Some((Product::Ready(template), weight, to))
            if weight >= 3 && (to == reading.len() || template == MlTraining) =>
        {
            Some(template)
        }
        _ => None,
    }
}
