# syntax=docker/dockerfile:1
# The operator with the programs it drives. The operator is one file, the same for every platform, and every program comes ready
# made, so that this builds for linux/amd64 and linux/arm64 alike:
#   docker buildx build --platform linux/amd64,linux/arm64 -t helm-operator:dev .
# kustomize/ runs it in a cluster.
ARG NODE_VERSION=22.23.3
ARG KUBECTL_VERSION=1.35.2
ARG HELM_VERSION=4.1.4
# A tag can be moved. The release workflow looks up what each tag stands for, hands it over as a digest ("@sha256:…"), and writes it
# into the provenance of the image; a build by hand goes by the tag.
ARG NODE_DIGEST=
ARG KUBECTL_DIGEST=
ARG HELM_DIGEST=

# Named here because COPY --from takes no variables.
FROM registry.k8s.io/kubectl:v${KUBECTL_VERSION}${KUBECTL_DIGEST} AS kubectl
FROM docker.io/alpine/helm:${HELM_VERSION}${HELM_DIGEST} AS helm

# Makes the one file, and the list of the packages in it, in which scanners of images look for vulnerable ones.
FROM --platform=$BUILDPLATFORM docker.io/library/node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST} AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY lib lib
COPY crds crds
COPY examples examples
RUN npm run build && npm sbom --omit=dev --sbom-format=cyclonedx > dist/helm-operator.cdx.json

FROM docker.io/library/node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST}

LABEL org.opencontainers.image.title="Helm Operator" \
  org.opencontainers.image.description="Runs Helm releases declaratively on Kubernetes" \
  org.opencontainers.image.licenses="Apache-2.0"

# tini: helm and git leave orphans that process 1 must reap. bash: zx starts every program through it. curl: many plugins of helm
# fetch their program with it when they are installed.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bash ca-certificates curl git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  # The user of our own Deployments. What fluxcd/helm-operator's users mount, they mount into /root; ssh asks the password file
  # where home is, not $HOME.
  && groupadd --gid 65532 helm-operator \
  && useradd --uid 65532 --gid 65532 --home-dir /root --no-create-home --shell /bin/bash helm-operator \
  && install -d -o 65532 -g 65532 -m 0750 /root /var/cache/helm-operator

COPY --from=kubectl /bin/kubectl /usr/local/bin/kubectl
COPY --from=helm /usr/bin/helm /usr/local/bin/helm

# Keys are never accepted unseen. People's own hosts go into /root/.ssh/known_hosts, several keys into /root/.ssh/config.
COPY <<'EOF' /etc/ssh/ssh_config.d/helm-operator.conf
Host *
  StrictHostKeyChecking yes
  IdentityFile /etc/fluxd/ssh/identity
  IdentityFile /var/fluxd/keygen/identity
  LogLevel ERROR
EOF

# The keys whose fingerprints (SHA256) these hosts publish in their documentation:
# github.com +DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU, p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM, uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s;
# gitlab.com eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8, HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw, ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ;
# bitbucket.org ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM, FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0;
# ssh.dev.azure.com and vs-ssh.visualstudio.com ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og.
COPY <<'EOF' /etc/ssh/ssh_known_hosts
github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
github.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=
github.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk=
gitlab.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf
gitlab.com ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFSMqzJeV9rUzU4kWitGjeR4PWSa29SPqJ1fVkhtj3Hw9xjLVXVYrU9QlYWrOLXBpQ6KWjbjTDTdDkoohFzgbEY=
gitlab.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCsj2bNKTBSpIYDEGk9KxsGh3mySTRgMtXL583qmBpzeQ+jqCMRgBqB98u3z++J1sKlXHWfM9dyhSevkMwSbhoR8XIq/U0tCNyokEi/ueaBMCvbcTHhO7FcwzY92WK4Yt0aGROY5qX2UKSeOvuP4D6TPqKF1onrSzH9bx9XUf2lEdWT/ia1NEKjunUqu1xOB/StKDHMoX4/OKyIzuS0q/T1zOATthvasJFoPrAjkohTyaDUz2LN5JoH839hViyEG82yB+MjcFV5MU3N1l1QL3cVUCh93xSaua1N85qivl+siMkPGbO5xR/En4iEY6K2XPASUEMaieWVNTRCtJ4S8H+9
bitbucket.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO
bitbucket.org ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPIQmuzMBuKdWeF4+a2sjSSpBK0iqitSQ+5BM9KhpexuGt20JpTVM7u5BDZngncgrqDMbWdxMWWOGtZ9UgbqgZE=
ssh.dev.azure.com,vs-ssh.visualstudio.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7Hr1oTWqNqOlzGJOfGJ4NakVyIzf1rXYd4d7wo6jBlkLvCA4odBlL0mDUyZ0/QUfTTqeu+tm22gOsv+VrVTMk6vwRU75gY/y9ut5Mb3bR5BV58dKXyq9A9UeB5Cakehn5Zgm6x1mKoVyf+FFn26iYqXJRgzIZZcZ5V6hrE0Qg39kZm4az48o0AUbf6Sp4SLdvnuMa2sVNwHBboS7EJkm57XQPVU3/QpyNLHbWDdzwtrlS+ez30S3AdYhLKEOxAG8weOnyrtLJAUen9mTkol8oII1edf7mWWbWVf0nBmly21+nZcmCTISQBtdcyPaEno7fFQMDD26/s0lfKob4Kw8H
EOF

COPY LICENSE /opt/helm-operator/
COPY --from=build /build/dist /opt/helm-operator

# By the name that it had in the image of fluxcd/helm-operator, for Deployments that name the command.
RUN ln -s /opt/helm-operator/helm-operator.mjs /usr/local/bin/helm-operator

ENV NODE_ENV=production HOME=/root
EXPOSE 3030
# Not root, unless a Deployment says runAsUser: 0. kustomize/ and chart/ also make the file system read-only. docs/migration.md tells
# what Deployments made for fluxcd/helm-operator need, which mount keys that only root can read.
USER 65532:65532
ENTRYPOINT ["/usr/bin/tini", "--", "helm-operator"]
