#!/bin/bash
# Tests the chart without a cluster: lint, schema, rights, and what it renders to, compared with helm/snapshots.
#
#   helm/test.sh            run the tests; results also go to helm/target/surefire-reports, as Maven's do
#   helm/test.sh --record   write the snapshots anew, to be read in the diff
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
chart=$here/offerplane
generated=$here/../crds/src/main/resources/META-INF/offerplane/crds
bin=${OFFERPLANE_CACHE:-$HOME/.cache/offerplane}/bin
PATH=$bin:$PATH
command -v helm >/dev/null || { echo "helm/test.sh: no helm; dev/cluster build makes one" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

yarn=(--set yarn.enabled=true --set yarn.authentication=simple)
render() { helm template offerplane "$chart" --namespace offerplane "$@"; }

if [ "${1:-}" = --record ]; then
  for values in "$here"/cases/*.yaml; do render -f "$values" --set crds.enabled=false >"$here/snapshots/$(basename "$values")"; done
  echo "helm/snapshots written; look at git diff"
  exit
fi

names=() results=() messages=()
check() { # check NAME COMMAND...
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    results+=(passed)
    echo "  passed  $name"
  else
    results+=(failed)
    echo "  FAILED  $name"
    echo "$output" | sed 's/^/          /' | head -n 30
  fi
  names+=("$name")
  messages+=("$output")
}

# A snapshot holds no definitions: those are compared with their source below.
snapshot() { diff -uB "$here/snapshots/$1.yaml" <(render -f "$here/cases/$1.yaml" --set crds.enabled=false) ||
  { echo "if this is meant: helm/test.sh --record"; return 1; }; }
refuses() { # refuses WORD ARG...: rendering fails, and says WORD
  local word=$1 output
  shift
  if output=$(render "$@" 2>&1); then echo "accepted $*"; return 1; fi
  grep -qF -- "$word" <<<"$output" || { echo "refused $* without a word of $word: $output"; return 1; }
}
definitions_equal() {
  [ -n "$(ls "$generated"/*.yaml 2>/dev/null)" ] || { echo "there is nothing in $generated"; return 1; }
  diff -ru "$generated" "$chart/crds-generated" || { echo "copy them with: make crds"; return 1; }
}
definitions_kept() {
  local all; all=$(render | grep -c '^kind: CustomResourceDefinition')
  [ "$all" = 5 ] && [ "$all" = "$(render | grep -c 'helm.sh/resource-policy: keep')" ] && [ "$(render --set crds.keep=false | grep -c 'helm.sh/resource-policy')" = 0 ] &&
    [ "$(render --set crds.enabled=false | grep -c '^kind: CustomResourceDefinition')" = 0 ]
}
no_wildcard_rights() { ! render -f "$here/cases/everything-on.yaml" | grep -nE '^ *(apiGroups|resources|verbs):.*\*'; }
secrets_never_listed() {
  python3 - <(render --show-only templates/rbac.yaml) <<'T'
import re, sys
text = open(sys.argv[1]).read()
for rule in re.split(r"\n  - apiGroups", text):
    if re.search(r"resources: \[.*secrets.*\]", rule) and re.search(r"verbs: \[[^]]*\b(list|watch|delete)", rule):
        sys.exit("a rule lists, watches or deletes Secrets:" + rule)
T
}
restricted_pods() { # all that Pod Security "restricted" asks, in the pods of operator, head and test
  local template
  for template in templates/deployment.yaml templates/yarn/head.yaml templates/tests/mesos-task.yaml; do
    for want in 'runAsNonRoot: true' 'allowPrivilegeEscalation: false' 'readOnlyRootFilesystem: true' 'drop: \[ALL\]' 'type: RuntimeDefault'; do
      render "${yarn[@]}" --show-only "$template" | grep -q "$want" || { echo "$template lacks $want"; return 1; }
    done
  done
}
no_own_objects() { ! render -f "$here/cases/everything-on.yaml" | grep -A1 '^apiVersion: offerplane.io'; }
long_names_fit() {
  local long; long=$(printf 'r%.0s' {1..53}) # the longest that Helm takes
  helm template "$long" "$chart" -n offerplane "${yarn[@]}" | grep -E '^  name: ' | awk 'length($2) > 63 {print; bad = 1} END {exit bad}'
}
claims_leave_room() { # what a claim keeps free by default is what an operator's pod requests
  local requested free
  requested=$(render --show-only templates/deployment.yaml | grep -A2 'requests:' | grep -oE '(cpu|memory): [^ }]+' | sort)
  free=$(grep -A10 'keepFree:' "$chart/crds-generated/agentpools.offerplane.io.yaml" | tr -d '"' | grep -oE '(cpu|memory): [^ }]+' | sort)
  [ -n "$requested" ] && [ "$requested" = "$free" ] || { echo "requested: $requested"; echo "kept free: $free"; return 1; }
}
without_yarn() { ! render | grep -in yarn | grep -v 'customresource\|description\|crds' | grep -iE 'name: .*yarn|link-head'; }
hadoop_settings_everywhere() { # what is given once reaches head, nodes and clients, as XML that says the same
  render "${yarn[@]}" --set-string 'yarn.hadoop.core.fs\.defaultFS=hdfs://a&b:8020' --set 'yarn.hadoop.yarn.yarn\.x=1234567890' --show-only templates/yarn/configmaps.yaml |
    python3 -c '
import re, sys, xml.etree.ElementTree as xml
found = {}
for document in sys.stdin.read().split("\n---\n"):
    name = re.search(r"^  name: (\S+)", document, re.M).group(1)
    for file, text in re.findall(r"^  (\S+-site\.xml): \|\n((?:    .*\n?)+)", document, re.M):
        for entry in xml.fromstring(text.strip().encode()).iter("property"):
            found[name, file, entry.findtext("name")] = entry.findtext("value")
for name in "offerplane-yarn-client", "offerplane-yarn-node", "offerplane-yarn-head":
    assert found[name, "core-site.xml", "fs.defaultFS"] == "hdfs://a&b:8020", (name, found)
    assert found[name, "yarn-site.xml", "yarn.x"] == "1234567890", (name, found)
assert found["offerplane-yarn-client", "yarn-site.xml", "yarn.resourcemanager.address"] == "offerplane-yarn-head.offerplane.svc.cluster.local:8032", found
assert found["offerplane-yarn-node", "yarn-site.xml", "yarn.nodemanager.aux-services"] == "mapreduce_shuffle", found
'
}
packs() { helm package "$chart" -d "$work" && [ "$(tar tzf "$work"/offerplane-*.tgz | grep -c 'values.schema.json')" = 1 ]; }

echo "helm/test.sh:"
check "lint finds nothing wrong" helm lint --strict "$chart"
for values in "$here"/cases/*.yaml; do
  case=$(basename "$values" .yaml)
  check "values $case render to their snapshot" snapshot "$case"
done
check "an unknown value is refused by name" refuses replica --set operator.replica=3
check "an unknown top-level value is refused" refuses operators --set operators.replicas=3
check "a negative count is refused" refuses replicas --set operator.replicas=-1
check "a pull policy that there is not is refused" refuses pullPolicy --set operator.image.pullPolicy=Sometimes
check "a digest that is none is refused" refuses digest --set agents.image.digest=latest
check "an unknown section of settings is refused" refuses mesosphere --set config.mesosphere.port=1
check "a Kubernetes without in-place resize is refused" refuses kubeVersion --kube-version 1.30.0
check "YARN without a choice of authentication is refused" refuses yarn.authentication --set yarn.enabled=true
check "an authentication that the head can't do is refused" refuses authentication --set yarn.enabled=true --set yarn.authentication=kerberos
check "a claim's size without a unit is refused" refuses size --set yarn.state.size=5
check "without YARN nothing of it is there" without_yarn
check "Hadoop's settings reach head, nodes and clients" hadoop_settings_everywhere
check "definitions equal the generated ones" definitions_equal
check "definitions are kept on uninstall unless told otherwise" definitions_kept
check "no right has a wildcard" no_wildcard_rights
check "Secrets are never listed, watched or deleted" secrets_never_listed
check "pods meet Pod Security restricted" restricted_pods
check "the chart holds no object of our own kinds" no_own_objects
check "names fit, however long the release's" long_names_fit
check "claims leave room for an operator's pod" claims_leave_room
check "the README's values are those of values.yaml" "$here/readme" --check
check "the chart can be packed" packs

mkdir -p "$here/target/surefire-reports"
failed=0
for r in "${results[@]}"; do [ "$r" = passed ] || failed=$((failed + 1)); done
{
  echo "<testsuite name=\"helm\" tests=\"${#names[@]}\" failures=\"$failed\" errors=\"0\" skipped=\"0\">"
  for i in "${!names[@]}"; do
    echo "<testcase classname=\"helm\" name=\"$(sed 's/&/\&amp;/g; s/"/\&quot;/g' <<<"${names[$i]}")\">"
    [ "${results[$i]}" = passed ] || echo "<failure>$(sed 's/&/\&amp;/g; s/</\&lt;/g' <<<"${messages[$i]}")</failure>"
    echo "</testcase>"
  done
  echo "</testsuite>"
} >"$here/target/surefire-reports/TEST-helm.xml"
echo "helm/test.sh: $((${#names[@]} - failed)) passed, $failed failed"
[ "$failed" = 0 ]
