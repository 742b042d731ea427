// What people see who act on what runs already: debug, exec, attach, resize, labels of pods and of namespaces.
import { test } from 'tap';
import { whyNot } from './cluster.ts';
import { pod, podSpec, proveWitnessed, startScene } from './scene.ts';
import { golden, startTranscript } from './transcript.ts';

const [container] = podSpec.containers;
/** From the days before the gate. */
const before = [
  pod('web'),
  pod('legacy', { hostNetwork: true }),
  pod('ledger', {}, 'payments'),
].join('---\n');

const resize = (cpu: string): string =>
  JSON.stringify({ spec: { containers: [{ name: 'web', resources: { requests: { cpu } } }] } });

test('what runs already', { skip: whyNot(), timeout: 600_000 }, async (t) => {
  const scene = await startScene(t, { before });
  const transcript = startTranscript(scene.cluster);
  const { title, kubectl } = transcript;

  await t.test(
    'an ephemeral container is judged by the rules of the pod, and in production by who adds it',
    async (t) => {
      title('kubectl debug');
      t.equal((await kubectl('debug web -n shop --image=busybox --container=shell')).code, 1);
      title('kubectl debug in production');
      t.equal(
        (await kubectl(`debug ledger -n payments --image=${container.image} --container=shell`))
          .code,
        1,
      );
    },
  );

  await t.test(
    'exec and attach into production are refused before they reach a node',
    async (t) => {
      title('exec');
      t.equal((await kubectl('exec ledger -n payments -- sh')).code, 1);
      title('attach');
      t.equal((await kubectl('attach ledger -n payments')).code, 1);
      title('exec elsewhere, where no node has taken the pod yet');
      t.match((await kubectl('exec web -n shop -- sh')).text, /does not have a host assigned/);
    },
  );

  await t.test(
    'a pod from before the gate may be labelled; a change of what it runs is judged whole',
    async (t) => {
      title('resize');
      t.equal(
        (await kubectl(`patch pod web -n shop --subresource resize -p '${resize('200m')}'`)).code,
        0,
      );
      t.equal(
        (await kubectl(`patch pod legacy -n shop --subresource resize -p '${resize('200m')}'`))
          .code,
        1,
      );
      title('labels of a pod');
      t.equal((await kubectl('label pod legacy -n shop tier=front')).code, 0);
    },
  );

  await t.test(
    'the labels of a namespace that policies select by are not for everyone',
    async (t) => {
      title('labels of a namespace');
      t.equal((await kubectl('label namespace shop example.com/team=shop')).code, 0);
      t.equal((await kubectl('label namespace payments environment-')).code, 1);
      t.equal(
        (await kubectl('label namespace shop pod-security.kubernetes.io/enforce=privileged')).code,
        1,
      );
    },
  );

  t.equal(transcript.text(), golden('running', transcript.text()));

  await t.test('the audit log and the ledger name the same decisions', (t) =>
    proveWitnessed(t, scene),
  );
});
