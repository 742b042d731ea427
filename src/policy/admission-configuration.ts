// AdmissionConfiguration: only the configuration of its plugin PodSecurity is read.
// Upstream: k8s.io/apiserver/pkg/apis/apiserver/v1/types.go.

import type { Diagnostic } from '../base/diagnostic.ts';
import type { FieldPath } from '../base/field-path.ts';
import { quote } from '../base/text.ts';
import { diagnose, reporter } from './faults.ts';
import { identityOf, roleOf } from './kinds.ts';
import type { Piece } from './pieces.ts';
import type { Shapes } from './shape.ts';

const plugin = 'PodSecurity';

/** The PodSecurityConfiguration inside, as a piece of its own. */
export function podSecurityInside(
  piece: Piece,
  shapes: Shapes,
  faults: Diagnostic[],
  warnings: Diagnostic[],
): readonly Piece[] {
  const report = reporter(piece, faults);
  const shaped = shapes.admissionConfiguration(piece.value, report);
  if (shaped === undefined) return [];
  const { plugins = [] } = shaped.written;
  const found: Piece[] = [];
  for (const [i, { name = '', path, configuration }] of plugins.entries()) {
    const field: FieldPath = ['plugins', i];
    if (name !== plugin) {
      const message = `the configuration of the plugin ${quote(name)} is not read here`;
      warnings.push(diagnose(piece, { code: 'policy-kind', path: [...field, 'name'], message }));
    } else if (configuration === undefined) {
      const message = `the plugin ${plugin} must have its configuration inline`;
      const fix =
        path === undefined ? undefined : 'write what the file at path holds below configuration';
      report({ path: [...field, path === undefined ? 'configuration' : 'path'], message, fix });
    } else if (roleOf(identityOf(configuration)) !== 'pod-security') {
      const message = `the configuration of the plugin ${plugin} must be a PodSecurityConfiguration of a version that is read`;
      report({ code: 'policy-kind', path: [...field, 'configuration', 'kind'], message });
    } else {
      const base = [...piece.base, ...field, 'configuration'];
      found.push({ document: piece.document, base, value: configuration });
    }
  }
  if (!plugins.some(({ name }) => name === plugin)) {
    const message = `no plugin ${plugin} is configured here, and nothing else is read of an AdmissionConfiguration`;
    report({ code: 'policy-kind', path: ['plugins'], message });
  }
  return found;
}
