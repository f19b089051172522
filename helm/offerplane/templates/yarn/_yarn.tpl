{{- define "offerplane.yarnHead" -}}{{ include "offerplane.fullname" . }}-yarn-head{{- end }}

{{- /* Clients and masters carry it in their configuration, wherever they run. */ -}}
{{- define "offerplane.yarnHost" -}}
{{ include "offerplane.yarnHead" . }}.{{ .Release.Namespace }}.svc.{{ .Values.yarn.clusterDomain }}
{{- end }}

{{- define "offerplane.yarnHeadSelectorLabels" -}}
app.kubernetes.io/name: {{ include "offerplane.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: yarn-head
{{- end }}

{{- define "offerplane.linkAudience" -}}
{{- default "offerplane-link" (default dict .Values.config.link).audience -}}
{{- end }}

{{- /* A file of Hadoop's: list of dicts, the later win. */ -}}
{{- define "offerplane.hadoopFile" -}}
{{- $all := dict -}}
{{- range . }}{{ $all = mergeOverwrite $all (deepCopy .) }}{{ end -}}
<?xml version="1.0" encoding="UTF-8"?>
<configuration>
{{- range $name, $value := $all }}
  <property><name>{{ $name | html }}</name><value>
{{- if kindIs "float64" $value }}{{ printf "%.0f" $value }}{{ else }}{{ $value | toString | html }}{{ end -}}
  </value></property>
{{- end }}
</configuration>
{{- end }}

{{- /* What whoever talks to the head must know, as YAML by file. */ -}}
{{- define "offerplane.yarnCommon" -}}
{{- $host := include "offerplane.yarnHost" . -}}
core:
  hadoop.security.authentication: simple
  # Tokens name hosts: the head's address changes when its pod does.
  hadoop.security.token.service.use_ip: "false"
yarn:
  yarn.resourcemanager.hostname: {{ $host }}
  yarn.resourcemanager.address: {{ $host }}:8032
  yarn.resourcemanager.scheduler.address: {{ $host }}:8030
  yarn.resourcemanager.webapp.address: {{ $host }}:8088
  # Hadoop's 30 s would make half a minute of each restart of the head.
  yarn.resourcemanager.connect.retry-interval.ms: "2000"
mapred:
  mapreduce.framework.name: yarn
  # Where each container finds Hadoop's jars on our nodes.
  yarn.app.mapreduce.am.env: HADOOP_MAPRED_HOME=/opt/hadoop
  mapreduce.map.env: HADOOP_MAPRED_HOME=/opt/hadoop
  mapreduce.reduce.env: HADOOP_MAPRED_HOME=/opt/hadoop
{{- end }}
