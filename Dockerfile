# The dashboard, built once for the images that serve it.
FROM node:24-slim AS dashboard
WORKDIR /build/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci
COPY dashboard ./
COPY contracts/events.gen.ts ../contracts/
RUN npm run build && npm run size

# What the world reaches in compose: the dashboard's files, and the way to everybody else.
FROM caddy:2.10-alpine AS gateway
COPY --from=dashboard /build/dashboard/dist /srv/dashboard

# One image for every process: `clinicwire serve queue`, `clinicwire serve bridge`, `clinicwire provision` ...
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /opt/clinicwire

# What changes seldom first: the layer with the dependencies outlives changes of ours.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
COPY --from=dashboard /build/dashboard/dist dashboard/dist
RUN pip install --no-deps --no-build-isolation -e . \
 && python -m compileall -q . \
 && useradd --system --home-dir /data --create-home clinicwire

USER clinicwire
VOLUME /data
ENV CLINICWIRE_DATA=/data
EXPOSE 8000
ENTRYPOINT ["clinicwire"]
# Alone it is the embedded default, whole.
CMD ["up", "--host", "0.0.0.0"]
