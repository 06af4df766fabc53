{{- /* The parts of the pod that have rules of their own. */ -}}

{{- define "helm-operator.args" -}}
{{- if not (or (contains "v3" .Values.helm.versions) (contains "v4" .Values.helm.versions)) -}}
{{- fail (printf "Cannot serve Helm %q: this operator speaks to Helm 3 and 4 only; add v3 to helm.versions" .Values.helm.versions) -}}
{{- end -}}
- --cache-dir=/var/cache/helm-operator
- --enabled-helm-versions={{ .Values.helm.versions }}
{{- if .Values.configureRepositories.enable }}
- --helm-repository-import=v3:/root/.helm/repository/repositories.yaml
{{- end }}
{{- if include "helm-operator.kubeconfig" . }}
- --kubeconfig=/root/.kube/config
{{- end }}
- --log-format={{ .Values.logFormat }}
- --log-release-diffs={{ .Values.logReleaseDiffs }}
- --metrics-by-release={{ .Values.prometheus.byRelease }}
- --git-timeout={{ .Values.git.timeout }}
- --git-poll-interval={{ .Values.git.pollInterval }}
{{- with .Values.git.defaultRef }}
- {{ printf "--git-default-ref=%s" . | quote }}
{{- end }}
- --charts-sync-interval={{ .Values.chartsSyncInterval }}
{{- with .Values.statusUpdateInterval }}
- --status-update-interval={{ . }}
{{- end }}
- --update-chart-deps={{ .Values.updateChartDeps }}
- --workers={{ .Values.workers }}
- --finalizers={{ .Values.finalizers }}
{{- /* Less than the pod has: a helm that is cut off leaves its release pending. */}}
- --graceful-shutdown-timeout={{ div (mul .Values.terminationGracePeriodSeconds 9) 10 }}s
{{- if not .Values.clusterRole.create }}
- --allow-namespace={{ .Release.Namespace }}
{{- else if .Values.allowNamespace }}
- --allow-namespace={{ .Values.allowNamespace }}
{{- end }}
{{- with .Values.defaultServiceAccount | default (.Values.rbac.leastPrivilege | ternary "helm-release" "") }}
- --default-service-account={{ . }}
{{- end }}
{{- with .Values.validate }}
- --validate={{ . }}
{{- end }}
{{- if .Values.noCrossNamespaceRefs }}
- --no-cross-namespace-refs
{{- end }}
{{- with .Values.allowedTargetNamespaces }}
- {{ printf "--allowed-target-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* People's files are mounted one by one, so that further ones can be mounted beside them. */ -}}
{{- define "helm-operator.mounts" -}}
- name: home
  mountPath: /root
- name: cache
  mountPath: /var/cache/helm-operator
- name: tmp
  mountPath: /tmp
- name: git-key
  mountPath: /etc/fluxd/ssh
  readOnly: true
{{- if include "helm-operator.kubeconfig" . }}
- name: config
  mountPath: /root/.kube/config
  subPath: config
  readOnly: true
{{- end }}
{{- if .Values.git.ssh.known_hosts }}
- name: sshknownhosts
  mountPath: /root/.ssh/known_hosts
  subPath: known_hosts
  readOnly: true
{{- end }}
{{- if .Values.git.ssh.configMapName }}
- name: sshconfig
  mountPath: /root/.ssh/config
  subPath: config
  readOnly: true
{{- end }}
{{- if .Values.git.config.enabled }}
- name: git-config
  mountPath: /root/.gitconfig
  subPath: gitconfig
  readOnly: true
{{- end }}
{{- if .Values.configureRepositories.enable }}
- name: {{ .Values.configureRepositories.volumeName | quote }}
  mountPath: /root/.helm/repository/repositories.yaml
  subPath: repositories.yaml
  readOnly: true
{{- end }}
{{- if .Values.initPlugins.enable }}
{{ include "helm-operator.pluginMounts" . }}
{{- end }}
{{- end -}}

{{- define "helm-operator.volumes" -}}
- name: home
  emptyDir:
    sizeLimit: {{ .Values.emptyDirSizeLimits.home }}
- name: cache
  emptyDir:
    sizeLimit: {{ .Values.emptyDirSizeLimits.cache }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.emptyDirSizeLimits.tmp }}
- name: git-key
  secret:
    secretName: {{ include "helm-operator.gitKeySecretName" . | quote }}
    optional: true
    defaultMode: 0400
{{- if include "helm-operator.kubeconfig" . }}
- name: config
  secret:
    secretName: {{ printf "%s-kube-config" (include "helm-operator.fullname" .) | quote }}
    defaultMode: 0400
{{- end }}
{{- if .Values.git.ssh.known_hosts }}
- name: sshknownhosts
  configMap:
    name: {{ printf "%s-ssh-config" (include "helm-operator.fullname" .) | quote }}
    defaultMode: 0400
{{- end }}
{{- with .Values.git.ssh.configMapName }}
- name: sshconfig
  configMap:
    name: {{ . | quote }}
    items:
      - key: {{ $.Values.git.ssh.configMapKey | quote }}
        path: config
    defaultMode: 0400
{{- end }}
{{- if .Values.git.config.enabled }}
- name: git-config
  secret:
    secretName: {{ include "helm-operator.gitConfigSecretName" . | quote }}
    defaultMode: 0400
{{- end }}
{{- if .Values.configureRepositories.enable }}
- name: {{ .Values.configureRepositories.volumeName | quote }}
  secret:
    secretName: {{ .Values.configureRepositories.secretName | quote }}
    defaultMode: 0400
{{- end }}
{{- if .Values.initPlugins.enable }}
- name: {{ .Values.initPlugins.cacheVolumeName | quote }}
  emptyDir:
    sizeLimit: {{ .Values.emptyDirSizeLimits.plugins }}
{{- end }}
{{- end -}}

{{- define "helm-operator.pluginMounts" -}}
- name: {{ .Values.initPlugins.cacheVolumeName | quote }}
  mountPath: /root/.local/share/helm/plugins
{{- end -}}

{{- /*
One after another, by the helm of the operator's own image. A pod that is started again has them already; an attempt that fails
leaves nothing behind that the next one would stumble over.
*/ -}}
{{- define "helm-operator.pluginContainers" -}}
{{- range $index, $one := .Values.initPlugins.plugins }}
{{- if ne ($one.helmVersion | default "v3") "v2" }}
- name: helm-plugin-init-{{ $index }}
  image: {{ include "helm-operator.image" $ | quote }}
  imagePullPolicy: {{ $.Values.image.pullPolicy }}
  command:
    - bash
    - -euc
    - |
      plugins=/root/.local/share/helm/plugins
      [ -e "$plugins/.installed-{{ $index }}" ] && exit 0
      export HELM_PLUGINS=$(mktemp -d) HELM_CACHE_HOME=$(mktemp -d)
      # Helm 4 asks for a signature, which plugins from git do not have; Helm 3 does not know the flag.
      case $(helm version --template '{{ "{{.Version}}" }}') in v3.*) ;; *) set -- --verify=false "$@" ;; esac
      helm plugin install "$@"
      cp -Rf "$HELM_PLUGINS/." "$plugins/"
      touch "$plugins/.installed-{{ $index }}"
    - install
    - {{ required "initPlugins.plugins: each needs a plugin" $one.plugin | quote }}
    {{- with $one.version }}
    - --version
    - {{ . | quote }}
    {{- end }}
  {{- with $.Values.extraEnvs }}
  env:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $.Values.containerSecurityContext.helmOperator }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: home
      mountPath: /root
    - name: tmp
      mountPath: /tmp
    {{- include "helm-operator.pluginMounts" $ | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
