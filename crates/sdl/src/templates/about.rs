//! Descriptions of the templates. Included in builds that show templates, and left out of those
//! that only write documents.

/// The description of the template `id`.
pub(super) fn about(id: &str) -> &'static str {
    match id {
        "ml-training" => ML_TRAINING,
        "web-node" => WEB_NODE,
        "web-python" => WEB_PYTHON,
        "static-site" => STATIC_SITE,
        "postgres" => POSTGRES,
        "redis" => REDIS,
        "next" => NEXT,
        "react" => REACT,
        "vue" => VUE,
        _ => "",
    }
}

const ML_TRAINING: &str = "\
PyTorch with CUDA on one GPU of any model, and JupyterLab to work in, behind a web address.

## Before you deploy

- `JUPYTER_TOKEN` is made for each order: whoever knows it can run code in the notebook.
- Name the GPU you need. Any model is the cheapest, but a 7B model in 16 bits wants 24 GiB or more of its memory.

## Good to know

JupyterLab is installed when the container starts, which takes about a minute. Files outside \
`/workspace/data` go when the container restarts, and everything goes when the lease ends: copy \
checkpoints out while it runs. For a training run without a notebook, put your own image in place of \
this one and remove the command.";

const WEB_NODE: &str = "\
A Node.js server behind a web address with TLS. As it is, it answers every request with a greeting, so \
that you can see it run.

## Make it yours

- Build an image with your service, push it to a registry, and put its name in place of `node`.
- Remove the command: your image has its own.
- Listen on the port in `PORT`, on all interfaces.

## Good to know

The container's disk is empty again after a restart. For data that stays, ask for a persistent volume or \
start from PostgreSQL. Two copies or more need nothing else: the provider spreads requests over them.";

const WEB_PYTHON: &str = "\
A Python server behind a web address with TLS. As it is, it lists the files of its folder, so that you \
can see it run.

## Make it yours

- Build an image with your service (FastAPI, Django, Flask) and put its name in place of `python`.
- Remove the command: your image has its own.
- Listen on port 8000 on all interfaces, or change the port here.

## Good to know

`PYTHONUNBUFFERED` makes log lines appear at once. The container's disk is empty again after a restart.";

const STATIC_SITE: &str = "\
Files served by nginx at a web address with TLS. It is the smallest thing that can be deployed, and the \
cheapest.

## Make it yours

Copy your files into an image and use that one here:

```
FROM nginx:1.27-alpine
COPY dist /usr/share/nginx/html
```

## Good to know

For a single-page application, have nginx answer unknown paths with `index.html`. To use a domain of your \
own, point it at the address the provider gives you and name it under `accept`.";

const POSTGRES: &str = "\
PostgreSQL with a volume that survives restarts of the container. The first start makes the user and the \
database `app`.

## Before you deploy

- `POSTGRES_PASSWORD` is made for each order: the port is open to the internet.
- Choose the volume's size: it cannot grow later.

## Good to know

The provider gives the port a number of its own choice; the deployment's page shows it. The volume lives as \
long as the lease and no longer: make backups elsewhere. Connections are not encrypted unless you set up \
certificates, so use it from the same deployment, or through a tunnel, for anything that matters.";

const REDIS: &str = "\
A Redis cache with a password. What it holds is in memory and goes when it restarts.

## Before you deploy

- `REDIS_PASSWORD` is made for each order: the port is open to the internet.

## Good to know

The provider gives the port a number of its own choice; the deployment's page shows it. Redis takes as much \
memory as it is given: set `maxmemory` a little below the memory of the service if you fill it. In one \
deployment with your application, open the port to that service only.";

const NEXT: &str = "\
A Next.js application with its server, behind a web address with TLS. As it is, it makes the starter \
application and builds it when the container starts, which takes two or three minutes.

## Make it yours

- Build your application into an image (`output: \"standalone\"` keeps it small) and put its name in place of `node`.
- Remove the command: your image has its own.
- Secrets belong into the environment here, not into the image.

## Good to know

A build needs 2 GiB of memory; an image that is built already runs in 512 MiB.";

const REACT: &str = "\
A React application that runs in the browser alone, built with Vite and served as files at a web address \
with TLS. As it is, it makes Vite's React starter (JSX, with fast refresh while you develop) and builds it when \
the container starts, which takes a minute or two.

## Make it yours

- Build your application and copy its `dist` into an image with a web server, or start from *Static site*. \
What Create React App made has `build` in place of `dist`.
- Remove the command: your image has its own.
- For pages that a server renders, start from *Next.js* instead.

## Good to know

Vite puts every variable whose name begins with `VITE_` into the bundle when it builds, for everybody to read: \
keep keys on a server. Unknown paths answer with `index.html`, as React Router's `BrowserRouter` needs it.";

const VUE: &str = "\
A Vue application that runs in the browser alone, built with Vite and served as files at a web address with \
TLS. As it is, it makes Vite's Vue starter (single-file components) and builds it when the container starts, \
which takes a minute or two.

## Make it yours

- Build your application with `vite build` and have a web server serve its `dist`, in an image of your own or \
from *Static site*. Vue CLI fills a folder of the same name.
- Remove the command with that: the image knows what to start.
- Nuxt renders on a server: put its image into *Node.js web service* instead.

## Good to know

Vue Router works with paths (`createWebHistory`) as they are: what is no file is answered with `index.html`. \
Give Vite a `base` where the application does not stand at the root of its domain. Settings are fixed when it is \
built; what has to differ from one deployment to the next is fetched when the page opens.";
