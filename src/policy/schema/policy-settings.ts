// PolicySettings (sekisho.dev/v1alpha1): what no upstream format can say and yet changes a verdict.
import { presetNames } from '../../k8s/pod-template-presets.ts';
import { levels } from '../../pss/types.ts';
import { closed, draft, list, oneOf, optionalMetadata, type Schema, text } from './parts.ts';

export const templateModes = ['Enforce', 'Warn'] as const;
export const settingModes = ['Enforce', 'AuditOnly'] as const;
export const imageSettingModes = ['deny', 'warn', 'allow'] as const;
export const digestModes = ['require', 'warn', 'resolve'] as const;
export const errorModes = ['AsPolicy', 'Deny'] as const;

/** From the first that has ValidatingAdmissionPolicy in v1 to the newest whose language is known. */
export const kubernetesVersions = [
  ...['1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'],
] as const;

const podSecurity = closed({
  templates: {
    ...oneOf(templateModes),
    description:
      'Enforce: a workload whose pod template breaks the enforce level is refused. Warn: it is warned about.',
  },
  floor: {
    ...closed({ level: oneOf(levels), version: text }, ['level']),
    description: 'What every namespace enforces at least, whatever its labels say.',
  },
});

const podTemplates = {
  ...list(
    closed({
      preset: {
        ...oneOf(presetNames),
        description: 'The kinds of a well-known project, instead of the other fields.',
      },
      apiGroup: text,
      kind: text,
      resource: text,
      path: text,
    }),
  ),
  description:
    'Custom resources that hold pod templates: a preset, or apiGroup, kind, resource and path. path: where, such as spec.template; * is every key or index.',
};

const namespaceNames = list(text, { maxItems: 100 });

const exceptions = closed({
  maxDays: {
    type: 'integer',
    minimum: 1,
    maximum: 366,
    description: 'How far ahead an exception may expire, in days. 366 when absent.',
  },
  warnDays: {
    type: 'integer',
    minimum: 0,
    maximum: 366,
    description: 'In so many last days an excused finding is a warning. 14 when absent.',
  },
  namespaces: {
    ...namespaceNames,
    description:
      'In a cluster: namespaces whose PolicyException objects count, * for all. None when absent.',
  },
});

const params = closed({
  namespaces: {
    ...namespaceNames,
    description:
      'In a cluster: namespaces whose objects may be params, * for all. None when absent; cluster-scoped params are always read.',
  },
});

const images = closed({
  noMatch: {
    ...oneOf(imageSettingModes),
    description: 'An image that no ClusterImagePolicy covers, once there is one. deny when absent.',
  },
  onError: {
    ...oneOf(imageSettingModes),
    description:
      'An image of which could not be found out in time whether it is signed. deny when absent.',
  },
  digests: {
    ...oneOf(digestModes),
    description:
      'An image named by a tag. require: refused, with its digest as the fix. warn: verified by the digest that the tag has now, with a warning. resolve: the same without one. require when absent.',
  },
});

export const policySettingsSchema: Schema = {
  $schema: draft,
  title: 'PolicySettings',
  ...closed(
    {
      apiVersion: oneOf(['sekisho.dev/v1alpha1']),
      kind: oneOf(['PolicySettings']),
      metadata: optionalMetadata,
      spec: closed({
        mode: {
          ...oneOf(settingModes),
          description:
            'AuditOnly: nothing is refused, and every record and report says what would have been.',
        },
        errors: {
          ...oneOf(errorModes),
          description:
            'AsPolicy: an error of a policy is what its failurePolicy says. Deny: every error refuses.',
        },
        kubernetesVersion: {
          ...oneOf(kubernetesVersions),
          description:
            'Expressions are held to what this version takes in a new policy: quoted, such as "1.36". All that is known when absent.',
        },
        podSecurity,
        podTemplates,
        exceptions,
        params,
        images,
      }),
    },
    ['apiVersion', 'kind', 'spec'],
  ),
};
