/** Repeated keys and invisible characters in the ConfigMaps of a revision. */
import type { RevisionInputs } from '../../../inject/index.ts'
import type { Finding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey } from './texts.ts'
import { invisibleIn, repeatedKeys, type WrittenText } from './written-texts.ts'

export const configurationTexts: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['key-repeated', 'invisible-character'],
  needs: [],
  find({ revision: { newest } }) {
    if (newest === undefined) return []
    return textsOf(newest).flatMap((text): readonly Finding[] => [
      ...repeatedKeys(text),
      ...invisibleIn(text),
    ])
  },
}

function textsOf(inputs: RevisionInputs): readonly WrittenText[] {
  const { config, values } = inputs.injectorConfigMap
  const texts = [
    ['config', config],
    ['values', values],
    ['mesh', inputs.meshConfigMap.mesh],
  ] as const
  return texts.flatMap(([key, text]) =>
    text === undefined ? [] : [{ text, where: placeOfKey(inputs, key), revision: inputs.name }],
  )
}
