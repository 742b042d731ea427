// What the environment may say: that no colour is wanted (https://no-color.org), that we run in a pod, and which proxies
// lead to registries.
// KUBECONFIG is not read: what a gate watches is told to it, and not found.
import type { ProxySettings } from '../images/registry/settings.ts';

export function noColorWanted(): boolean {
  return (process.env['NO_COLOR'] ?? '') !== '';
}

/** Kubernetes tells every pod where its API server is. */
export function isInPod(): boolean {
  return (process.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
}

/** `HOST:PORT` of the API server, as a pod is told it. */
export function apiServersOfPod(): readonly string[] {
  const [host, port] = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'].map(said);
  if (host === undefined) return [];
  return [`${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`];
}

/** In lower case or in upper, as other programs read them; an address without a scheme is one of http. */
export function proxiesWanted(): ProxySettings {
  const [https, http] = ['https_proxy', 'http_proxy'].map((name) => {
    const text = either(name);
    return text === undefined || text.includes('://') ? text : `http://${text}`;
  });
  const except = (either('no_proxy') ?? '').split(/[\s,]+/).filter((each) => each !== '');
  return { https: https ?? null, http: http ?? null, except };
}

function either(name: string): string | undefined {
  return said(name) ?? said(name.toUpperCase());
}

function said(name: string): string | undefined {
  return process.env[name] || undefined;
}
