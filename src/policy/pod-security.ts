// PodSecurityConfiguration and PolicySettings to what pss/ judges by; without either, the in-tree defaults.
import { get, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Level, LevelVersion, PodSecurityConfig, Version } from '../pss/types.ts';

/** `configuration` and `settings` are values that their schemas accepted; null when there are none. */
export function compilePodSecurity(
  configuration: JsonObject | null,
  settings: JsonObject | null,
): PodSecurityConfig {
  const defaults = get(configuration, 'defaults');
  const exemptions = get(configuration, 'exemptions');
  const list = (key: string): readonly string[] =>
    (get(exemptions, key) ?? []) as readonly string[];
  const templates = get(get(get(settings, 'spec'), 'podSecurity'), 'templates');
  return {
    defaults: {
      enforce: levelVersion(defaults, 'enforce'),
      audit: levelVersion(defaults, 'audit'),
      warn: levelVersion(defaults, 'warn'),
    },
    exemptions: {
      usernames: list('usernames'),
      namespaces: list('namespaces'),
      runtimeClasses: list('runtimeClasses'),
    },
    templates: templates === 'Warn' ? 'Warn' : 'Enforce',
  };
}

function levelVersion(defaults: JsonValue | undefined, mode: string): LevelVersion {
  const level = (get(defaults, mode) ?? 'privileged') as Level;
  return { level, version: versionOf(get(defaults, `${mode}-version`)) };
}

function versionOf(text: JsonValue | undefined): Version {
  return typeof text === 'string' && text.startsWith('v1.') ? Number(text.slice(3)) : 'latest';
}
