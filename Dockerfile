# One image for Locust (master, worker, web UI), the sidecar, the reports and the demo service.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --prefix /packages -r requirements.lock \
 # The packages' own tests: nothing runs them here.
 && find /packages -type d -name tests -prune -exec rm -rf {} +

FROM python:3.11-slim-bookworm
RUN groupadd --gid 1000 plimsoll && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /tmp plimsoll
COPY --from=packages /packages /usr/local
WORKDIR /plimsoll
COPY . .
# Whoever runs the image may write these, so that any user id can be given to a container.
RUN python -m compileall -q . && install -d -m 1777 runs /samples /secret
# Any user id may be given to the container: nothing is looked for in a home directory.
ENV HOME=/tmp PYTHONUNBUFFERED=1
USER plimsoll
EXPOSE 8089 5557
# Locust writes its last words on SIGINT; on SIGTERM it leaves some of them out.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "deploy/health.py"]
ENTRYPOINT ["sh", "deploy/entrypoint.sh"]
CMD ["locust"]
