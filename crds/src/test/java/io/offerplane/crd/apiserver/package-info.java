/**
 * A bare kube-apiserver with etcd for tests: admission of objects, server-side apply, watches and RBAC are real; there is no
 * scheduler, no controller and no node. Start at {@code ApiServerExtension}.
 */
package io.offerplane.crd.apiserver;
