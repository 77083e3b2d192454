# One image for every process: `clinicwire serve queue`, `clinicwire serve bridge`, `clinicwire provision` ...
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /opt/clinicwire

# What changes seldom first: the layer with the dependencies outlives changes of ours.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY . .
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
