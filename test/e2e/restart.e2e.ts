// The gate is killed and comes back: what kubectl says meanwhile under failurePolicy Fail and Ignore, what the audit log
// of the API server keeps of it, and that nothing has to be set up again.
import { test } from 'tap';
import { whyNot } from './cluster.ts';
import { until } from './processes.ts';
import { annotationsOf, auditEvents, manifest, pod, proveWitnessed, startScene } from './scene.ts';
import { golden, startTranscript } from './transcript.ts';

/** A policy that may fail open. */
const policies = [
  manifest({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'config-owner', annotations: { 'sekisho.dev/rule-names': 'owner' } },
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['configmaps'],
          },
        ],
      },
      validations: [
        {
          expression: 'has(object.metadata.labels) && "owner" in object.metadata.labels',
          message: 'the label owner is not set',
        },
      ],
    },
  }),
  manifest({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'config-owner' },
    spec: { policyName: 'config-owner', validationActions: ['Deny'] },
  }),
].join('---\n');

const failedOpen = 'failed-open.validating.webhook.admission.k8s.io/';

test('the gate is killed and comes back', { skip: whyNot(), timeout: 600_000 }, async (t) => {
  const scene = await startScene(t, { policies });
  const { cluster } = scene;
  const transcript = startTranscript(cluster);
  const { title, kubectl, file } = transcript;
  file('web.yaml', pod('web'));
  file('gateway.yaml', pod('gateway', { hostNetwork: true }));

  title('the gate is there');
  t.equal((await kubectl('create configmap theme -n shop --from-literal=color=red')).code, 1);
  t.equal((await kubectl('apply -f web.yaml')).code, 0);

  await t.test(
    'killed: Fail refuses and says what is gone, Ignore lets pass and is told of in the audit log',
    async (t) => {
      await scene.stopGate('SIGKILL');
      title('the gate is gone: failurePolicy Fail');
      t.equal((await kubectl('apply -f gateway.yaml')).code, 1);
      t.equal((await kubectl('delete pod web -n shop --wait=false')).code, 0);
      title('the gate is gone: failurePolicy Ignore');
      t.equal((await kubectl('create configmap theme -n shop --from-literal=color=red')).code, 0);
      const open = auditEvents(cluster)
        .map(annotationsOf)
        .flatMap((annotations) =>
          Object.entries(annotations)
            .filter(([key]) => key.startsWith(failedOpen))
            .map(([, webhook]) => webhook),
        );
      t.match(open, [/^ignore-v1\./, ...[]]);
      t.equal(open.length, 1);
    },
  );

  await t.test('back on the same port it is asked again at once', async (t) => {
    await scene.startGate();
    // The API server keeps a connection that failed for a moment.
    await until('the gate', 30, async () => {
      const tried = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], {
        input: pod('again'),
      });
      return tried.code === 0;
    });
    title('the gate is back');
    t.equal((await kubectl('apply -f gateway.yaml')).code, 1);
    t.equal((await kubectl('create configmap font -n shop --from-literal=name=serif')).code, 1);
  });

  t.equal(transcript.text(), golden('restart', transcript.text()));

  await t.test('no decision is lost, on either side', (t) => proveWitnessed(t, scene));
});
