/** The corpus kind `sprig`: all of sprig's text functions and nothing else but Go's builtins. */
import { sprigFunctions } from '../../src/gotemplate/index.ts'
import type { Suite } from './suite.ts'
import { runTemplateCases } from './template-cases.ts'

export const suite: Suite = {
  kind: 'sprig',
  run: (folder, options) => runTemplateCases(folder, options, () => sprigFunctions()),
}
