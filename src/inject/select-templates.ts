/** Which templates a pod gets: of its annotation, else the configuration's default ones, with aliases put in. */
import type { InjectorConfig } from '../istio/index.ts'

/** Aliases are not followed further; an unknown name stays, and refuses the pod when it is looked up. */
export function selectTemplates(injector: InjectorConfig, annotation: string | undefined): readonly string[] {
  const names = annotation === undefined ? injector.defaultTemplates : annotation.split(',').map(trimSpace)
  return names.flatMap((name) => injector.aliases.get(name) ?? [name])
}

/** Go's strings.TrimSpace; JavaScript's trim takes U+FEFF too, which is no space to Go. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  if (code < 0x100) return code === 0x20 || (code >= 9 && code <= 13) || code === 0x85 || code === 0xa0
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}
