// Real kubectl, a real API server, and Sekisho behind its webhook: what people see who create and delete pods.
import { test } from 'tap';
import { whyNot } from './cluster.ts';
import {
  annotationsOf,
  auditEvents,
  manifest,
  pod,
  podSpec,
  proveWitnessed,
  startScene,
} from './scene.ts';
import { golden, startTranscript } from './transcript.ts';

const [container] = podSpec.containers;
const bad = { hostNetwork: true, containers: [{ ...container, image: 'nginx' }] };
/** At the level restricted alone it breaks a rule, and that is a warning. */
const warned = { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } };

const denyAll = manifest({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: {
    name: 'deny-all',
    namespace: 'vault',
    labels: { 'sekisho.dev/default-deny': 'true' },
  },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
});

test('pods', { skip: whyNot(), timeout: 600_000 }, async (t) => {
  const scene = await startScene(t, { before: denyAll });
  const { cluster } = scene;
  const transcript = startTranscript(cluster, {
    pins: [[/\bbatch-[a-z0-9]{5}\b/g, 'batch-xxxxx']],
  });
  const { title, kubectl, file } = transcript;
  file('web.yaml', pod('web'));
  file('gateway.yaml', pod('gateway', bad));
  file('proxy.yaml', pod('proxy', warned));
  file('shop.yaml', [pod('cart'), pod('gateway', bad), pod('search')].join('---\n'));
  const generated = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'batch-', namespace: 'shop' },
  };
  file('batch.yaml', manifest({ ...generated, spec: { ...podSpec, hostPID: true } }));

  await t.test(
    'what breaks rules is refused, with every field and the way out; what keeps them is not',
    async (t) => {
      title('a pod that breaks rules');
      t.equal((await kubectl('apply -f gateway.yaml')).code, 1);
      title('a pod that keeps them');
      t.equal((await kubectl('apply -f web.yaml')).code, 0);
      title('kubectl run');
      t.equal((await kubectl('run shell -n shop --image=busybox')).code, 1);
    },
  );

  await t.test(
    'of several objects in one file those that keep the rules are applied',
    async (t) => {
      title('several objects in one file');
      t.equal((await kubectl('apply -f shop.yaml')).code, 1);
      t.equal((await kubectl('get pods -n shop -o name')).text, 'pod/cart\npod/search\npod/web\n');
    },
  );

  await t.test('a warning is shown, and the pod is created', async (t) => {
    title('a pod that is warned about');
    t.equal((await kubectl('apply -f proxy.yaml')).code, 0);
  });

  await t.test('dry run, server-side apply and generated names are judged alike', async (t) => {
    title('dry run');
    t.equal((await kubectl('apply -f gateway.yaml --dry-run=server')).code, 1);
    title('server-side apply');
    t.equal((await kubectl('apply -f gateway.yaml --server-side')).code, 1);
    title('a generated name');
    t.equal((await kubectl('create -f batch.yaml')).code, 1);
  });

  await t.test('pods may be deleted, what a policy keeps may not', async (t) => {
    title('delete');
    t.equal((await kubectl('delete pod web cart -n shop --wait=false')).code, 0);
    t.equal((await kubectl('delete networkpolicy deny-all -n vault')).code, 1);
  });

  t.equal(transcript.text(), golden('pods', transcript.text()));

  await t.test(
    'the audit log holds the id that kubectl showed, the rules, and the policy set',
    async (t) => {
      const { text } = await kubectl('apply -f gateway.yaml');
      const id = /^decision (\S+)/m.exec(text)?.[1];
      t.type(id, 'string');
      const events = auditEvents(cluster).map(annotationsOf);
      const [event = {}] = events.filter((found) => found['gate.sekisho.dev/decision-id'] === id);
      t.match(event, {
        'gate.sekisho.dev/denied-by': /no-host-namespaces\/host-network/,
        'gate.sekisho.dev/policy-set': /^sha256:[0-9a-f]{64}$/,
        'gate.sekisho.dev/ledger-seq': /^\d+$/,
        'gate.sekisho.dev/ledger-head': /^[0-9a-f]{64}$/,
        'gate.sekisho.dev/pod-security.enforce-policy': undefined,
      });
    },
  );

  await t.test('the audit log and the ledger name the same decisions', (t) =>
    proveWitnessed(t, scene),
  );
});
