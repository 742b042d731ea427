// What the environment may say: that no colour is wanted (https://no-color.org), and that we run in a pod.
// KUBECONFIG is not read: what a gate watches is told to it, and not found.
export function noColorWanted(): boolean {
  return (process.env['NO_COLOR'] ?? '') !== '';
}

/** Kubernetes tells every pod where its API server is. */
export function isInPod(): boolean {
  return (process.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
}
