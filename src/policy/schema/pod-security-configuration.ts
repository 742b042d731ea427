// PodSecurityConfiguration, and the AdmissionConfiguration that may hold one.
// Upstream: k8s.io/pod-security-admission/admission/api/v1 and k8s.io/apiserver/pkg/apis/apiserver/v1.
import { anything, closed, draft, list, type Schema, text } from './parts.ts';

export const podSecurityConfigurationSchema: Schema = {
  $schema: draft,
  title: 'PodSecurityConfiguration',
  ...closed(
    {
      apiVersion: text,
      kind: text,
      defaults: closed({
        enforce: text,
        'enforce-version': text,
        audit: text,
        'audit-version': text,
        warn: text,
        'warn-version': text,
      }),
      exemptions: closed({
        usernames: list(text),
        namespaces: list(text),
        runtimeClasses: list(text),
      }),
    },
    ['apiVersion', 'kind'],
  ),
};

/** The configuration of another plugin is the API server's own affair. */
export const admissionConfigurationSchema: Schema = {
  $schema: draft,
  title: 'AdmissionConfiguration',
  ...closed(
    {
      apiVersion: text,
      kind: text,
      plugins: list(closed({ name: text, path: text, configuration: anything }, ['name'])),
    },
    ['apiVersion', 'kind', 'plugins'],
  ),
};
