# What can be done here; `make help` lists it. Each target does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MODULES := operator,agent-shim,yarn-gateway,yarn-node,yarn-node/containers
CLUSTER ?= dev
NODES ?= 2
SEEDS ?= 10000
FIRST ?= 1
POINTS ?= 500
CONTAINERS ?= 200
SEED ?= 1

.PHONY: help demo test unit burn-in soak crash-points churn footprint bench mutation images checklist crds cluster-up cluster-down install uninstall format check-scripts clean

help: ## list the targets
	@echo "Offerplane. Each target does its own set-up; the first use of a cluster builds Kubernetes (about 9 min)."
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'
	@echo "  CLUSTER=name and NODES=n choose the cluster of cluster-up, cluster-down, install and uninstall (default: dev, 2)"

demo: ## run an unmodified Mesos framework on a two-node Kubernetes, end with a table of its tasks
	@dev/demo

test: ## every test, as CI runs them: builds, unit, chart, and end to end on a cluster of its own
	@dev/run-tests

unit: ## the tests that need no cluster, but for kube-apiserver
	@dev/cluster build >/dev/null
	@dev/mvn package

burn-in: ## tests on a cluster that haven't been seen to be steady yet; needs the images (make images)
	@dev/mvn -pl e2e -am -Pe2e test -Dgroups=burn-in -Dsurefire.failIfNoSpecifiedTests=false

soak: ## simulate the engine with all 10,000 seeds (SEEDS=n and FIRST=n choose)
	@dev/soak $(SEEDS) $(FIRST)

crash-points: ## kill the shim at 500 random moments under churn of 200 containers (POINTS=n, CONTAINERS=n and SEED=n choose)
	@dev/mvn -q -pl agent-shim -am test -Dtest=CrashPointsTest -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dcrash.points=$(POINTS) -Dcrash.containers=$(CONTAINERS) -Dcrash.seed=$(SEED)

churn: ## run 20,000 short containers through one shim and compare what it takes before and after (CONTAINERS=n chooses)
	@dev/mvn -q -pl agent-shim -am test -Dtest=ChurnTest -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dchurn.containers=$(if $(filter command line,$(origin CONTAINERS)),$(CONTAINERS),20000)

footprint: ## measure start, memory, threads and processor time of an idle shim, with and without its ahead-of-time cache
	@benchmarks/node/footprint

bench: ## benchmarks with their goals: the engine at scale, its heap, Hadoop beside it, then a cluster; see target/bench/bench.md
	@dev/bench

mutation: ## mutation tests of the engine's arithmetic, fairness and quotas, report in offer-engine/target/pit-reports
	@dev/mvn -q -pl offer-engine -am -Pmutation test-compile
	@nice -n 10 dev/mvn -q -pl offer-engine -Pmutation org.pitest:pitest-maven:mutationCoverage

images: ## build the OCI images into target/images
	@echo "images: building the jars (dev/mvn -pl $(MODULES) -am package)"
	@dev/mvn -q -pl $(MODULES) -am package -DskipTests
	@dev/images

checklist: ## write docs/mesos-node.md from the last run of the tests
	@dev/checklist

crds: ## generate the custom resource definitions, here and in the chart
	@dev/mvn -q -pl crds -am test -Dcrds.update=true -Dtest=GeneratedCrdsTest -Dsurefire.failIfNoSpecifiedTests=false

cluster-up: ## start a Kubernetes of NODES nodes on this machine
	@dev/cluster --name $(CLUSTER) up $(NODES)

cluster-down: ## stop it and remove all it made
	@dev/cluster --name $(CLUSTER) down

install: images ## build, load and helm-install Offerplane on the cluster CLUSTER
	@dev/install --name $(CLUSTER)

uninstall: ## helm-uninstall it again
	@eval "$$(dev/cluster --name $(CLUSTER) env)" && helm uninstall offerplane --namespace offerplane --wait

format: ## format the Java sources
	@dev/mvn -q spotless:apply

check-scripts: ## shellcheck over every shell script
	@dev/check-scripts

clean: ## remove what was built here (not the cache: rm -r ~/.cache/offerplane)
	@dev/mvn -q clean
	@rm -rf target helm/target
