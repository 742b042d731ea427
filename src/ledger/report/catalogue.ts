// Other people's catalogues of controls, as far as an admission gate can be asked about them: docs/controls.md says where
// each was read. A control that no policy names is told as such, so that nobody takes its absence for evidence.

export const frameworkNames = ['nist-800-190', 'pci-dss-4.0', 'cis-k8s'] as const;
export type FrameworkName = (typeof frameworkNames)[number];

export type Framework = {
  readonly name: FrameworkName;
  readonly title: string;
  /** What of it is listed here. */
  readonly scope: string;
  /** By the id without the prefix. */
  readonly controls: Readonly<Record<string, string>>;
};

const nist: Framework = {
  name: 'nist-800-190',
  title: 'NIST SP 800-190, Application Container Security Guide',
  scope:
    'all countermeasures of its section 4; those on registries, hosts and hardware are for others than an admission gate',
  controls: {
    '4.1.1': 'Image vulnerabilities',
    '4.1.2': 'Image configuration defects',
    '4.1.3': 'Embedded malware',
    '4.1.4': 'Embedded clear text secrets',
    '4.1.5': 'Use of untrusted images',
    '4.2.1': 'Insecure connections to registries',
    '4.2.2': 'Stale images in registries',
    '4.2.3': 'Insufficient authentication and authorization restrictions',
    '4.3.1': 'Unbounded administrative access',
    '4.3.2': 'Unauthorized access',
    '4.3.3': 'Poorly separated inter-container network traffic',
    '4.3.4': 'Mixing of workload sensitivity levels',
    '4.3.5': 'Orchestrator node trust',
    '4.4.1': 'Vulnerabilities within the runtime software',
    '4.4.2': 'Unbounded network access from containers',
    '4.4.3': 'Insecure container runtime configurations',
    '4.4.4': 'App vulnerabilities',
    '4.4.5': 'Rogue containers',
    '4.5.1': 'Large attack surface',
    '4.5.2': 'Shared kernel',
    '4.5.3': 'Host OS component vulnerabilities',
    '4.5.4': 'Improper user access rights',
    '4.5.5': 'Host file system tampering',
    '4.6': 'Hardware countermeasures',
  },
};

/** PCI DSS has no titles: these are our words for what a requirement is about. */
const pci: Framework = {
  name: 'pci-dss-4.0',
  title: 'PCI DSS 4.0',
  scope:
    'only the requirements that docs/controls.md names; most of the standard is not about admission',
  controls: {
    '1.3.1': 'Traffic into the cardholder data environment',
    '1.3.2': 'Traffic out of the cardholder data environment',
    '6.5.4': 'Separation of production and pre-production roles',
    '7.2.2': 'Access by job function and least privilege',
    '7.2.5': 'Least privilege of application and system accounts',
    '8.3.1': 'Authentication of all user access',
  },
};

const cis: Framework = {
  name: 'cis-k8s',
  title: 'CIS Kubernetes Benchmark 1.12',
  scope: 'all of its section 5, Policies; its other sections are about how a cluster is set up',
  controls: {
    '5.1.1': 'Ensure that the cluster-admin role is only used where required',
    '5.1.2': 'Minimize access to secrets',
    '5.1.3': 'Minimize wildcard use in Roles and ClusterRoles',
    '5.1.4': 'Minimize access to create pods',
    '5.1.5': 'Ensure that default service accounts are not actively used',
    '5.1.6': 'Ensure that Service Account Tokens are only mounted where necessary',
    '5.1.7': 'Avoid use of system:masters group',
    '5.1.8':
      'Limit use of the Bind, Impersonate and Escalate permissions in the Kubernetes cluster',
    '5.1.9': 'Minimize access to create persistent volumes',
    '5.1.10': 'Minimize access to the proxy sub-resource of nodes',
    '5.1.11': 'Minimize access to the approval sub-resource of certificatesigningrequests objects',
    '5.1.12': 'Minimize access to webhook configuration objects',
    '5.1.13': 'Minimize access to the service account token creation',
    '5.2.1': 'Ensure that the cluster has at least one active policy control mechanism in place',
    '5.2.2': 'Minimize the admission of privileged containers',
    '5.2.3': 'Minimize the admission of containers wishing to share the host process ID namespace',
    '5.2.4': 'Minimize the admission of containers wishing to share the host IPC namespace',
    '5.2.5': 'Minimize the admission of containers wishing to share the host network namespace',
    '5.2.6': 'Minimize the admission of containers with allowPrivilegeEscalation',
    '5.2.7': 'Minimize the admission of root containers',
    '5.2.8': 'Minimize the admission of containers with the NET_RAW capability',
    '5.2.9': 'Minimize the admission of containers with capabilities assigned',
    '5.2.10': 'Minimize the admission of Windows HostProcess containers',
    '5.2.11': 'Minimize the admission of HostPath volumes',
    '5.2.12': 'Minimize the admission of containers which use HostPorts',
    '5.3.1': 'Ensure that the CNI in use supports NetworkPolicies',
    '5.3.2': 'Ensure that all Namespaces have NetworkPolicies defined',
    '5.4.1': 'Prefer using Secrets as files over Secrets as environment variables',
    '5.4.2': 'Consider external secret storage',
    '5.5.1': 'Configure Image Provenance using ImagePolicyWebhook admission controller',
    '5.6.1': 'Create administrative boundaries between resources using namespaces',
    '5.6.2': 'Ensure that the seccomp profile is set to docker/default in your Pod definitions',
    '5.6.3': 'Apply SecurityContext to your Pods and Containers',
    '5.6.4': 'The default namespace should not be used',
  },
};

export const frameworks: readonly Framework[] = [nist, pci, cis];

/** `nist-800-190:4.4.3` as its two parts. */
export function controlParts(control: string): readonly [framework: string, id: string] {
  const colon = control.indexOf(':');
  return colon < 0 ? ['', control] : [control.slice(0, colon), control.slice(colon + 1)];
}

const everyPodRule = ['cis-k8s:5.2.1', 'nist-800-190:4.4.3', 'mitre:T1611'];
const byPodRule: Readonly<Record<string, readonly string[]>> = {
  privileged: ['cis-k8s:5.2.2'],
  hostNamespaces: ['cis-k8s:5.2.3', 'cis-k8s:5.2.4', 'cis-k8s:5.2.5'],
  allowPrivilegeEscalation: ['cis-k8s:5.2.6'],
  runAsNonRoot: ['cis-k8s:5.2.7'],
  capabilities_restricted: ['cis-k8s:5.2.8', 'cis-k8s:5.2.9'],
  windowsHostProcess: ['cis-k8s:5.2.10'],
  hostPathVolumes: ['cis-k8s:5.2.11'],
  hostPorts: ['cis-k8s:5.2.12'],
};

/** Pod Security has no annotations, so its records name no controls: these are those of docs/controls.md.
 * `rule`: `pod-security/privileged`. */
export function podSecurityControls(rule: string): readonly string[] {
  const id = rule.slice(rule.indexOf('/') + 1);
  return [...(Object.hasOwn(byPodRule, id) ? (byPodRule[id] ?? []) : []), ...everyPodRule];
}
