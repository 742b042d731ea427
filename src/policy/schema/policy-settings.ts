// PolicySettings (sekisho.dev/v1alpha1): what no upstream format can say and yet changes a verdict.
import { closed, draft, oneOf, optionalMetadata, type Schema } from './parts.ts';

export const templateModes = ['Enforce', 'Warn'] as const;

export const policySettingsSchema: Schema = {
  $schema: draft,
  title: 'PolicySettings',
  ...closed(
    {
      apiVersion: oneOf(['sekisho.dev/v1alpha1']),
      kind: oneOf(['PolicySettings']),
      metadata: optionalMetadata,
      spec: closed({
        podSecurity: closed({
          templates: {
            ...oneOf(templateModes),
            description:
              'Enforce: a workload whose pod template breaks the enforce level is refused. Warn: it is warned about.',
          },
        }),
      }),
    },
    ['apiVersion', 'kind', 'spec'],
  ),
};
