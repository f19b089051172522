{{- define "offerplane.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "offerplane.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "offerplane.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "offerplane.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- /* Labels that never change: what selectors use. */ -}}
{{- define "offerplane.selectorLabels" -}}
app.kubernetes.io/name: {{ include "offerplane.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "offerplane.labels" -}}
app.kubernetes.io/name: {{ include "offerplane.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: offerplane
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "offerplane.annotations" -}}
{{- with .Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* An image reference: dict "image" .Values.x.image "root" $ */ -}}
{{- define "offerplane.image" -}}
{{- $repository := .image.repository -}}
{{- with .root.Values.global.imageRegistry -}}
{{- $parts := splitList "/" $repository -}}
{{- if or (contains "." (first $parts)) (contains ":" (first $parts)) (eq (first $parts) "localhost") -}}
{{- $repository = join "/" (rest $parts) -}}
{{- end -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end }}

{{- define "offerplane.linkService" -}}{{ include "offerplane.fullname" . }}-link{{- end }}
{{- define "offerplane.shimAccount" -}}{{ include "offerplane.fullname" . }}-shim{{- end }}
{{- define "offerplane.lease" -}}{{ include "offerplane.fullname" . }}-leader{{- end }}

{{- /* Mesos principals and their secrets. */ -}}
{{- define "offerplane.authentication" -}}
{{- toYaml (default dict (default dict .Values.config.mesos).authentication) -}}
{{- end }}
{{- define "offerplane.credentials" -}}
{{- default (printf "%s-credentials" (include "offerplane.fullname" .)) (include "offerplane.authentication" . | fromYaml).credentialsSecret -}}
{{- end }}

{{- /* The operator's settings: what follows from the release, with the user's own on top. */ -}}
{{- define "offerplane.config" -}}
{{- $own := dict
  "agents" (dict
    "shimImage" (include "offerplane.image" (dict "image" .Values.agents.image "root" $))
    "imagePullPolicy" .Values.agents.image.pullPolicy
    "instance" .Release.Name
    "linkAddress" (printf "%s.%s.svc:7070" (include "offerplane.linkService" .) .Release.Namespace))
  "link" (dict "shimServiceAccount" (include "offerplane.shimAccount" .))
  "yarn" (ternary (dict
    "enabled" true
    "headServiceAccount" (include "offerplane.yarnHead" .)
    "nodeImage" (include "offerplane.image" (dict "image" .Values.yarn.node.image "root" $))
    "nodeImagePullPolicy" .Values.yarn.node.image.pullPolicy
    "nodeHeadAddress" (printf "%s.%s.svc:5052" (include "offerplane.yarnHead" .) .Release.Namespace)
    "nodeConfigMap" (printf "%s-yarn-node" (include "offerplane.fullname" .))) dict .Values.yarn.enabled)
  "mesos" (dict "authentication" (dict "credentialsSecret" (include "offerplane.credentials" .)))
  "election" (dict "leaseName" (include "offerplane.lease" .))
  "bootstrap" (dict "enabled" .Values.bootstrap.enabled) -}}
{{- $all := mergeOverwrite $own (deepCopy .Values.config) -}}
{{- range $section, $settings := $all }}{{ if empty $settings }}{{ $_ := unset $all $section }}{{ end }}{{ end -}}
{{- toYaml $all -}}
{{- end }}

{{- /* What "restricted" Pod Security asks of a container. */ -}}
{{- define "offerplane.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* The namespaces whose Secrets may be read by name. */ -}}
{{- define "offerplane.secretNamespaces" -}}
{{- prepend .Values.rbac.secretNamespaces .Release.Namespace | uniq | toJson -}}
{{- end }}
