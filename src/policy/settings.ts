// PolicySettings: what changes a verdict and has no upstream format.
import type { PodSecurityConfig } from '../pss/types.ts';
import { refuseAnnotations } from './annotations.ts';
import type { Report } from './faults.ts';
import { checkMetadata } from './metadata.ts';
import { templateModes } from './schema/policy-settings.ts';
import type { WrittenSettings } from './written.ts';

export type SettingsDraft = { readonly templates: PodSecurityConfig['templates'] };

export const defaultSettings: SettingsDraft = { templates: 'Enforce' };

export function compileSettings(
  { metadata, spec = {} }: WrittenSettings,
  report: Report,
): SettingsDraft {
  checkMetadata(metadata, report);
  refuseAnnotations(metadata, 'PolicySettings', report);
  const written = spec.podSecurity?.templates;
  return { templates: templateModes.find((each) => each === written) ?? defaultSettings.templates };
}
