//! The names of workloads.

use domain::requirements::Template;

use Template::{MlTraining, Postgres, Redis, StaticSite, WebNode, WebPython};

/// Weight of words that leave no doubt about what runs: “redis”, “fine tuning”.
pub(crate) const PRODUCT: u8 = 6;
/// Weight of a framework's name: “django”.
pub(crate) const FRAMEWORK: u8 = 5;
/// Weight of words for training and inference that other work has as well.
pub(crate) const ACTIVITY: u8 = 4;
/// Weight of a language's name: “typescript”.
pub(crate) const LANGUAGE: u8 = 3;
/// Weight of an ordinary word: “database”.
pub(crate) const PLAIN_WORD: u8 = 2;

/// Names and their weight.
#[rustfmt::skip]
pub(crate) const WORKLOADS: &[(Template, u8, &[&str])] = &[
    (
        Postgres,
        PRODUCT,
        &[
            "postgres", "postgresql", "postgre", "postgre sql", "psql", "pgsql", "pgvector", "timescale",
            "timescaledb", "postgis", "postgres db", "pg",
        ],
    ),
    (
        Postgres,
        PLAIN_WORD,
        &[
            "sql database", "relational database", "datenbank", "base de datos", "database", "db",
            "sql", "rdbms", "databases", "bbdd",
        ],
    ),
    (
        Redis,
        PRODUCT,
        &["redis", "valkey", "keydb", "redis cache", "redis server", "redis stack"],
    ),
    (
        Redis,
        PLAIN_WORD,
        &[
            "cache", "in memory cache", "in memory store", "key value store", "session store",
            "caching", "memory cache", "zwischenspeicher",
        ],
    ),
    (
        WebNode,
        FRAMEWORK,
        &[
            "node js", "nodejs", "node app", "node service", "node server", "node api",
            "node backend", "node application", "node project", "express", "express js",
            "expressjs", "next js", "nextjs", "nest js", "nestjs", "nest", "nuxt", "nuxtjs",
            "nuxt js", "fastify", "koa", "hono", "hapi", "remix", "sveltekit", "socket io",
            "strapi", "meteor", "adonis", "adonisjs", "next app", "node microservice", "node web",
            "express api", "deno", "bun", "node website", "keystone", "payload cms", "node bot",
            "discord js", "feathersjs",
        ],
    ),
    (
        WebNode,
        LANGUAGE,
        &[
            "typescript", "javascript", "npm", "pnpm", "yarn", "node", "nodes js", "react",
            "react app", "vue", "angular", "svelte", "js backend", "js app", "ts app",
            "ts backend", "graphql", "nodo js", "js service",
        ],
    ),
    (
        WebPython,
        FRAMEWORK,
        &[
            "fastapi", "fast api", "flask", "django", "uvicorn", "gunicorn", "streamlit",
            "starlette", "tornado", "sanic", "aiohttp", "litestar", "wagtail", "celery",
            "falcon api", "pyramid", "django app", "bottle py", "python web", "python api",
            "quart", "wsgi", "asgi", "plotly dash",
        ],
    ),
    (
        WebPython,
        LANGUAGE,
        &[
            "python", "python3", "py", "gradio", "pip", "scrapy", "python script", "python app",
            "python service",
        ],
    ),
    (
        StaticSite,
        FRAMEWORK,
        &[
            "static", "static site", "static website", "static files", "static page",
            "static pages", "static html", "static web", "static content", "nginx", "html",
            "hugo", "jekyll", "gatsby", "astro", "eleventy", "docusaurus", "vitepress", "mkdocs",
            "landing page", "landingpage", "landing", "portfolio", "estatico", "estatica",
            "estaticos", "statische", "statischen", "statisch", "caddy", "httpd", "apache",
            "html page", "web server nginx", "docs site", "documentation site", "spa",
            "single page app", "pelican", "11 ty", "hexo", "zola", "static assets",
            "paginas estaticas",
        ],
    ),
    (
        StaticSite,
        PLAIN_WORD,
        &[
            "website", "web site", "webseite", "webseiten", "homepage", "sitio web", "pagina web",
            "web page", "webpage", "blog", "css", "site", "internetseite", "documentation",
            "brochure site", "pagina", "sitio",
        ],
    ),
    (
        MlTraining,
        PRODUCT,
        &[
            "train", "training", "trained", "trainiere", "trainieren", "entrenar",
            "entrenamiento", "entreno", "fine tune", "fine tuning", "fine tuned", "finetune",
            "finetuning", "finetuned", "fine tunen", "finetunen", "lora", "qlora", "dpo", "rlhf",
            "pretrain", "pretraining", "pre train", "pre training", "retrain", "feinabstimmung",
            "ajuste fino", "afinar", "deep learning", "machine learning", "ml training",
            "maschinelles lernen", "aprendizaje automatico", "ml model", "trainings", "trains",
            "entrena",
        ],
    ),
    (
        MlTraining,
        FRAMEWORK,
        &[
            "pytorch", "torch", "tensorflow", "jax", "keras", "huggingface", "hugging face",
            "stable diffusion", "sdxl", "comfyui", "comfy ui", "automatic1111", "a1111", "flux",
            "whisper", "vllm", "ollama", "tgi", "sglang", "triton", "tensorrt", "llama cpp",
            "llamacpp", "llama", "llama2", "llama3", "mistral", "mixtral", "bert", "gpt2",
            "gpt j", "resnet", "yolo", "yolov8", "deepseek", "qwen", "gemma", "falcon",
            "codellama", "cuda", "deepspeed", "axolotl", "unsloth", "megatron", "accelerate",
            "nemo", "diffusers", "dreambooth", "controlnet", "kohya", "text generation webui",
            "bloom", "vicuna", "starcoder", "phi3", "diffusion", "xgboost", "lightgbm",
            "open webui", "gpt oss", "kimi", "stablediffusion", "vit", "unet", "gan",
        ],
    ),
    (
        MlTraining,
        ACTIVITY,
        &[
            "inference", "inferenz", "inferencia", "inferencing", "llm", "llms", "language model",
            "neural network", "neural net", "sprachmodell", "modelo de lenguaje", "ml",
            "ai model", "embeddings", "embedding", "chatbot model", "image generation",
            "text to image", "render", "rendering", "blender", "jupyter", "jupyterlab",
            "jupyter notebook", "data science", "ki modell", "transformer", "transformers",
            "neuronales netz", "red neuronal", "reinforcement learning", "speech recognition",
            "computer vision", "ml workload", "ai workload", "batch inference", "model serving",
            "modelo", "ki",
        ],
    ),
];

/// Products without a template: their image has to be named.
#[rustfmt::skip]
pub(crate) const UNSUPPORTED: &[&str] = &[
    "mysql", "mariadb", "mongodb", "mongo", "memcached", "memcache", "rabbitmq", "kafka",
    "elasticsearch", "cassandra", "minecraft", "wordpress", "rails", "ruby", "ruby on rails",
    "golang", "rust", "java", "spring boot", "spring", "php", "laravel", "dotnet", "asp net",
    "sqlite", "clickhouse", "neo4j", "influxdb", "grafana", "prometheus", "couchdb", "oracle",
    "mssql", "sql server", "haskell", "elixir", "phoenix", "scala", "kotlin", "vpn", "wireguard",
    "valheim", "game server", "bitcoin node", "ethereum node", "validator", "nextcloud", "gitlab",
    "jenkins", "minio", "etcd", "nats", "opensearch", "cockroachdb", "scylla", "dragonfly",
];

/// Names that are long and unusual enough to be clear despite one typo.
#[rustfmt::skip]
pub(crate) const CLEAR_NAMES: &[(&str, Template)] = &[
    ("postgres", Postgres), ("postgresql", Postgres), ("redis", Redis), ("nginx", StaticSite),
    ("django", WebPython), ("fastapi", WebPython), ("python", WebPython), ("pytorch", MlTraining),
    ("tensorflow", MlTraining), ("nodejs", WebNode), ("training", MlTraining),
    ("finetune", MlTraining), ("inference", MlTraining), ("express", WebNode),
    ("jupyter", MlTraining), ("website", StaticSite), ("streamlit", WebPython),
];

/// Words for an application that leave open what it consists of.
#[rustfmt::skip]
pub(crate) const UNSPECIFIED: &[&str] = &[
    "web app", "webapp", "web application", "web service", "webservice", "api", "rest api", "backend",
    "app", "application", "microservice", "bot", "webserver", "web server", "anwendung", "dienst",
    "aplicacion", "servicio", "service",
];
