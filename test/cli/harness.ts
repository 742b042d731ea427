// The command line in this process: what it printed, where, and its exit code.
import type { ExitCode, Io, Output } from '../../src/cli/command.ts';
import { run } from '../../src/cli/run.ts';

export type Ran = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string };

export type World = {
  readonly terminal?: boolean;
  readonly noColor?: boolean;
  readonly elapsed?: () => number;
};

/** `folder` is taken out of what was printed, so that texts are the same on every machine. */
export async function sekisho(
  folder: string,
  args: readonly string[],
  world: World = {},
): Promise<Ran> {
  const [stdout, stderr] = [capture(world), capture(world)];
  const io: Io = {
    stdout,
    stderr,
    noColor: world.noColor ?? false,
    version: '1.2.3',
    now: () => '2026-11-21T10:00:00.000Z',
    elapsed: world.elapsed ?? (() => 0),
    untilStopped: async () => {},
  };
  const code = await run(args, io);
  const told = (output: Captured): string =>
    folder === '' ? output.text() : output.text().replaceAll(`${folder}/`, '');
  return { code, stdout: told(stdout), stderr: told(stderr) };
}

type Captured = Output & { text(): string };

function capture({ terminal = false }: World): Captured {
  let all = '';
  return {
    isTerminal: terminal,
    async write(text) {
      all += text;
    },
    text: () => all,
  };
}

/** A policy that refuses host networks, with all that a result can carry. */
export const noHostNetwork = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: no-host-network
  annotations:
    sekisho.dev/rule-names: host-network
    sekisho.dev/controls: cis-k8s:5.2.4
    sekisho.dev/remedy: remove hostNetwork
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [pods]}
  matchConditions:
    - {name: creates-or-changes, expression: "object != null"}
  validations:
    - {expression: "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false", message: host network is not for you}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-host-network}
spec: {policyName: no-host-network, validationActions: [Deny]}
`;

/** Pod Security: its findings have paths. */
export const baseline = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults: {enforce: baseline, enforce-version: v1.30}
`;
