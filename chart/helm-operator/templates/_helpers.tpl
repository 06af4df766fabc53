{{- define "helm-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "helm-operator.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $full | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* The selector of a Deployment can never be changed: these two are those of fluxcd/helm-operator's chart. */ -}}
{{- define "helm-operator.selector" -}}
app: {{ include "helm-operator.name" . | quote }}
release: {{ .Release.Name | quote }}
{{- end -}}

{{- define "helm-operator.labels" -}}
{{ include "helm-operator.selector" . }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
heritage: {{ .Release.Service | quote }}
{{- end -}}

{{- define "helm-operator.metadata" -}}
name: {{ include "helm-operator.fullname" . | quote }}
namespace: {{ .Release.Namespace | quote }}
labels:
  {{- include "helm-operator.labels" . | nindent 2 }}
{{- end -}}

{{- define "helm-operator.serviceAccountName" -}}
{{- $fallback := .Values.serviceAccount.create | ternary (include "helm-operator.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $fallback -}}
{{- end -}}

{{- define "helm-operator.clusterRoleName" -}}
{{- .Values.clusterRole.name | default (include "helm-operator.fullname" .) -}}
{{- end -}}

{{- define "helm-operator.gitKeySecretName" -}}
{{- .Values.git.ssh.secretName | default (printf "%s-git-deploy" (include "helm-operator.fullname" .)) -}}
{{- end -}}

{{- define "helm-operator.gitConfigSecretName" -}}
{{- .Values.git.config.secretName | default (printf "%s-git-config" (include "helm-operator.fullname" .)) -}}
{{- end -}}

{{- /* The old image would not understand our arguments: --reuse-values brings its name along with everything else. */ -}}
{{- define "helm-operator.image" -}}
{{- if has .Values.image.repository (list "fluxcd/helm-operator" "docker.io/fluxcd/helm-operator") -}}
{{- fail (printf "Cannot run image %q: it is the operator that this one replaces; set image.repository and image.tag, and upgrade with --reset-then-reuse-values instead of --reuse-values" .Values.image.repository) -}}
{{- end -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- /* One without clusters was what older charts had where nothing was said, and meant the cluster of the pod. */ -}}
{{- define "helm-operator.kubeconfig" -}}
{{- $parsed := fromYaml .Values.kube.config -}}
{{- if or $parsed.clusters (not (hasKey $parsed "clusters")) -}}
{{ .Values.kube.config }}
{{- end -}}
{{- end -}}

{{- /* Old values that change nothing: their name, what they were by default, and why they mean nothing any more. */ -}}
{{- define "helm-operator.retired" -}}
{{- $tiller := "there is no Tiller: Helm 3 and 4 speak to the API server themselves" -}}
{{- range list
  (list "createCRD" "" "Helm installs the CRDs in crds/ by itself")
  (list "tillerHost" "" $tiller)
  (list "tillerPort" "44134" $tiller)
  (list "tillerNamespace" "kube-system" $tiller)
  (list "tillerSidecar.enabled" "" $tiller)
  (list "tillerSidecar.image.repository" "gcr.io/kubernetes-helm/tiller" $tiller)
  (list "tillerSidecar.image.tag" "v2.16.1" $tiller)
  (list "tillerSidecar.storage" "secret" $tiller)
  (list "containerSecurityContext.tiller" "" $tiller)
  (list "tls.enable" "" $tiller)
  (list "tls.verify" "" $tiller)
  (list "tls.secretName" "helm-client-certs" $tiller)
  (list "tls.keyFile" "tls.key" $tiller)
  (list "tls.certFile" "tls.crt" $tiller)
  (list "tls.caContent" "" $tiller)
  (list "tls.hostname" "" $tiller)
  (list "convert.releaseStorage" "secrets" "releases of Helm 2 are not converted")
  (list "convert.tillerOutCluster" "" "releases of Helm 2 are not converted")
  (list "rbac.pspEnabled" "" "Kubernetes has no PodSecurityPolicies since 1.25")
  (list "annotations" "" "those of the pod are podAnnotations")
  (list "replicaCount" "1" "two operators would run Helm against the same releases")
  (list "configureRepositories.cacheVolumeName" "repositories-cache" "indexes are kept with the charts")
}}
{{- $value := $.Values -}}
{{- range splitList "." (index . 0) -}}
{{- $value = kindIs "map" $value | ternary (get (kindIs "map" $value | ternary $value dict) .) "" -}}
{{- end -}}
{{- /* A number of a values file may arrive as 44134 or as 44134.0. */ -}}
{{- $text := kindIs "float64" $value | ternary (int64 $value | toString) (toString $value) -}}
{{- if and $value (ne $text (index . 1)) }}
{{ index . 0 }}: {{ index . 2 }}
{{- end -}}
{{- end -}}
{{- if and .Values.kube.config (not (include "helm-operator.kubeconfig" .)) }}
kube.config: it names no cluster
{{- end -}}
{{- end -}}
