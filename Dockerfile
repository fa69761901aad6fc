# The site in one image: web, worker, beat and indexer are the same image with other commands.
# docker-compose.yml says how they run together, docs/operating.md how to look after them.

# The few front-end files that the pages use, out of npm packages.
FROM node:24-bookworm-slim AS packages
WORKDIR /site
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

# The Python environment, and the static files with hashed names.
FROM python:3.11-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.lock requirements-speech.lock ./
# With requirements-speech.lock the image can hear recordings that have no captions.
ARG REQUIREMENTS=requirements.lock
RUN /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes -r "$REQUIREMENTS"
WORKDIR /site
COPY portal portal
COPY memberships memberships
COPY meetings meetings
COPY templates templates
COPY static static
COPY --from=packages /site/node_modules node_modules
# Collecting connects to nothing and signs nothing: this key is thrown away with this stage.
RUN SECRET_KEY=only-for-collecting STATIC_ROOT=/collected DJANGO_SETTINGS_MODULE=portal.settings \
    /venv/bin/python -m django collectstatic --noinput --verbosity 0

# What runs, and nothing else.
FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_ENV=production \
    STATIC_ROOT=/collected \
    MEDIA_ROOT=/media \
    INDEX_ROOT=/index
# Captions of clips are drawn into the picture with it.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 site \
    && useradd --system --uid 10001 --gid site --home-dir /nonexistent --no-create-home site \
    && install --directory --owner site --group site --mode 0700 /media /index /schedule
WORKDIR /site
COPY --from=build /venv /venv
COPY --from=build /collected /collected
COPY manage.py ./
COPY portal portal
COPY memberships memberships
COPY meetings meetings
COPY templates templates
COPY static static
USER site
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "portal.wsgi:application"]
