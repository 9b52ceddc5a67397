/**
 * Codes of causes: what the rooms below the core find wrong with a text or a value. None is an outcome of its own;
 * the outcome's code says what was being done, and its message carries the cause's. Part of the table in codes.ts.
 */
import { cause } from './code-entry.ts'

export const causeCodes = {
  // ---- JSON and YAML
  'json-syntax': cause('The text is not JSON; line and column are named.'),
  'json-too-deep': cause('The value nests lists and objects too deep.'),
  'json-too-many': cause('The JSON text has more objects and lists than are read.'),
  'json-too-large': cause('The JSON text is longer than the limit.'),
  'json-number-range': cause('A number is outside the range of a 64-bit float.'),
  'yaml-syntax': cause('The text is not YAML; line and column are named.'),
  'yaml-value': cause('The YAML has something that has no form in JSON.'),
  'yaml-too-deep': cause('The YAML nests lists and maps too deep.'),
  'yaml-too-large': cause('The YAML text is longer than the limit.'),
  'yaml-aliases': cause('Aliases make the YAML text grow beyond the limit.'),

  // ---- templates
  'template-parse-error': cause('The text is no template of Go; line and column are named.'),
  'template-function-refused': cause(
    'The template uses a function that cannot be had here.',
    'Replace it; `docs/differences.md` names such functions and why.',
  ),
  'template-too-large': cause(
    'The template has more tokens than fit into the memory that configurations may take.',
    'Shorten it, or raise `--configuration-memory` together with the limit of the container.',
  ),
  'template-exec-error': cause('The template failed on the data; line, column and the expression are named.'),
  'template-budget-exceeded': cause('The template needed more steps, output or depth than one pod may cost.'),

  // ---- Kubernetes types
  'kube-type': cause('A value has another type than its field, or is out of its range.'),
  'kube-quantity': cause(
    'A value is no Kubernetes quantity.',
    'Write a number with a suffix such as `m`, `Mi` or `Gi`.',
  ),
  'kube-time': cause('A value is no time of RFC 3339.'),
  'kube-selector': cause('A label selector is not one that Kubernetes takes.'),

  // ---- strategic merge
  'merge-missing-key': cause('An item of a list lacks the field that tells its items apart.'),
  'merge-key-not-scalar': cause('The field that tells items apart is an object or a list.'),
  'merge-bad-directive': cause('A `$patch` directive has another word than `replace` or `delete`.'),
  'merge-bad-element-order': cause('`$setElementOrder` is no list, or does not fit the list that it orders.'),
  'merge-bad-retain-keys': cause('`$retainKeys` is no list, or lacks a key of the patch.'),
  'merge-bad-primitive-delete': cause('A key begins like `$deleteFromPrimitiveList/` and is none.'),
  'merge-type-mismatch': cause('A list or an object stands where the schema has another kind.'),
  'merge-not-a-struct': cause('Objects are to be merged under a field that holds none.'),
  'merge-bad-document': cause('The document or the patch is no JSON object.'),
  'merge-too-deep': cause('The document or the patch nests too deep.'),

  // ---- JSON patch
  'json-pointer-syntax': cause('The text is no JSON pointer of RFC 6901.'),
  'json-patch-not-applicable': cause('An operation is malformed, its place is missing, or its test fails.'),
  'json-patch-too-deep': cause('A value to be compared nests too deep.'),
} as const
