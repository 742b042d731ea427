// YAML out, as people write it and kubectl reads it (a text `yes` in quotes): a document for each object, lists of words on
// one line, no anchors.
import { Document, isScalar, visit } from 'yaml';

export function yamlText(objects: readonly object[]): string {
  return objects.map(document).join('---\n');
}

function document(object: object): string {
  const made = new Document(object, { aliasDuplicateObjects: false, version: '1.1' });
  visit(made, {
    Seq(_key, seq) {
      seq.flow = seq.items.every(isScalar);
    },
  });
  return made.toString({ lineWidth: 0, flowCollectionPadding: false });
}
