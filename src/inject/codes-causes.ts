/**
 * Codes of causes: errors of the packages below the core about a text or a value. None is an outcome of its own. The code of
 * the outcome says what was done, and its message contains the message of the cause. Part of the table in codes.ts.
 */
import { cause } from './code-entry.ts'

export const causeCodes = {
  // ---- JSON and YAML
  'json-syntax': cause('The text is not valid JSON. The message gives the line and column.'),
  'json-too-deep': cause('The value nests lists and objects too deeply.'),
  'json-too-many': cause('The JSON text has more objects and lists than the limit.'),
  'json-too-large': cause('The JSON text is longer than the limit.'),
  'json-number-range': cause('A number is outside the range of a 64-bit float.'),
  'yaml-syntax': cause('The text is not valid YAML. The message gives the line and column.'),
  'yaml-value': cause('The YAML contains a value that cannot be expressed in JSON.'),
  'yaml-too-deep': cause('The YAML nests lists and maps too deeply.'),
  'yaml-too-large': cause('The YAML text is longer than the limit.'),
  'yaml-aliases': cause('The YAML text exceeds the limit when its aliases are expanded.'),

  // ---- templates
  'template-parse-error': cause(
    'The text is not a valid Go template. The message gives the line and column.',
  ),
  'template-function-refused': cause(
    'The template uses a function that Remora does not support.',
    'Replace it. `docs/differences.md` lists such functions and the reasons.',
  ),
  'template-too-large': cause(
    'The template needs more memory than the limit for configurations.',
    'Shorten it, or raise `--configuration-memory` together with the limit of the container.',
  ),
  'template-exec-error': cause(
    'The template failed on the data. The message gives the line, the column and the expression.',
  ),
  'template-budget-exceeded': cause('The template exceeded the limit on steps, output or depth per pod.'),

  // ---- Kubernetes types
  'kube-type': cause('A value has the wrong type for its field, or is out of range.'),
  'kube-quantity': cause(
    'A value is not a Kubernetes quantity.',
    'Write a number with a suffix such as `m`, `Mi` or `Gi`.',
  ),
  'kube-time': cause('A value is not a time in RFC 3339 format.'),
  'kube-selector': cause('A label selector is not valid in Kubernetes.'),

  // ---- strategic merge
  'merge-missing-key': cause('A list item has no value for the merge key.'),
  'merge-key-not-scalar': cause('The merge key of a list item is an object or a list.'),
  'merge-bad-directive': cause('A `$patch` directive is neither `replace` nor `delete`.'),
  'merge-bad-element-order': cause(
    '`$setElementOrder` is not a list, or does not match the list that it orders.',
  ),
  'merge-bad-retain-keys': cause('`$retainKeys` is not a list, or does not contain a key of the patch.'),
  'merge-bad-primitive-delete': cause(
    'A key resembles the directive `$deleteFromPrimitiveList/` but is not valid.',
  ),
  'merge-type-mismatch': cause('A value is a list or an object, but the schema has another type.'),
  'merge-not-a-struct': cause('The patch contains an object for a field whose type is not an object.'),
  'merge-bad-document': cause('The document or the patch is not a JSON object.'),
  'merge-too-deep': cause('The document or the patch is nested too deeply.'),

  // ---- JSON patch
  'json-pointer-syntax': cause('The text is not a JSON pointer (RFC 6901).'),
  'json-patch-not-applicable': cause(
    'A patch operation is malformed, its path does not exist, or its test fails.',
  ),
  'json-patch-too-deep': cause('A value to compare is nested too deeply.'),
} as const
