/** Go's format strings: verbs, flags, widths, precisions, explicit indexes, and the output for wrong ones. */
import type { FunctionContext } from '../context.ts'
import { integerOf } from '../eval/fit.ts'
import { type GoValue, typeName } from '../values.ts'
import { Printer } from './printer.ts'

/** Go's limit for widths and precisions. */
const TOO_LARGE = 1e6

export function sprintf(format: string, args: readonly GoValue[], context: FunctionContext): string {
  return new Formatting(format, args, context).run()
}

class Formatting {
  readonly #format: string
  readonly #args: readonly GoValue[]
  readonly #printer: Printer
  readonly #context: FunctionContext
  #at = 0
  #argument = 0
  #reordered = false
  #goodIndex = true
  #afterIndex = false
  #output = ''

  constructor(format: string, args: readonly GoValue[], context: FunctionContext) {
    this.#format = format
    this.#args = args
    this.#context = context
    this.#printer = new Printer(context)
  }

  run(): string {
    const format = this.#format
    while (this.#at < format.length) {
      const percent = format.indexOf('%', this.#at)
      const end = percent < 0 ? format.length : percent
      this.#output += format.slice(this.#at, end)
      this.#at = end + 1
      if (percent < 0 || !this.#verb()) break
      this.#context.budget.step()
    }
    this.#extra()
    this.#context.budget.allocate(this.#output.length)
    return this.#output
  }

  /** One verb; false if the format ends within it. */
  #verb(): boolean {
    const { flags } = this.#printer
    flags.clear()
    this.#goodIndex = true
    this.#afterIndex = false
    this.#readFlags()
    this.#readIndex()
    this.#readWidth()
    if (this.#format[this.#at] === '.' && this.#at + 1 < this.#format.length) this.#readPrecision()
    if (!this.#afterIndex) this.#readIndex()
    const code = this.#format.codePointAt(this.#at)
    if (code === undefined) {
      this.#output += '%!(NOVERB)'
      return false
    }
    const verb = String.fromCodePoint(code)
    this.#at += verb.length
    if (verb === '%') this.#output += '%'
    else if (!this.#goodIndex) this.#output += `%!${verb}(BADINDEX)`
    else if (this.#argument >= this.#args.length) this.#output += `%!${verb}(MISSING)`
    else this.#print(verb)
    return true
  }

  #print(verb: string): void {
    const { flags } = this.#printer
    if (verb === 'v' || verb === 'w') {
      flags.sharpV = flags.sharp
      flags.sharp = false
      flags.plusV = flags.plus
      flags.plus = false
    }
    this.#output += this.#printer.argument(this.#args[this.#argument++], verb)
  }

  #readFlags(): void {
    const { flags } = this.#printer
    for (; this.#at < this.#format.length; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          flags.sharp = true
          break
        case '0':
          flags.zero = true
          break
        case '+':
          flags.plus = true
          break
        case '-':
          flags.minus = true
          break
        case ' ':
          flags.space = true
          break
        default:
          return
      }
    }
  }

  #readWidth(): void {
    const { flags } = this.#printer
    if (this.#format[this.#at] !== '*') {
      flags.width = this.#number(this.#format.length)
      if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false
      return
    }
    this.#at++
    const width = this.#integerArgument()
    if (width === undefined) this.#output += '%!(BADWIDTH)'
    else if (width < 0) {
      flags.minus = true
      flags.zero = false
    }
    flags.width = width === undefined ? undefined : Math.abs(width)
    this.#afterIndex = false
  }

  #readPrecision(): void {
    const { flags } = this.#printer
    this.#at++
    if (this.#afterIndex) this.#goodIndex = false
    this.#readIndex()
    if (this.#format[this.#at] !== '*') {
      flags.precision = this.#number(this.#format.length) ?? 0
      return
    }
    this.#at++
    const precision = this.#integerArgument()
    flags.precision = precision === undefined || precision < 0 ? undefined : precision
    if (flags.precision === undefined) this.#output += '%!(BADPREC)'
    this.#afterIndex = false
  }

  /** Digits up to `end`; a number above Go's limit consumes the rest. */
  #number(end: number): number | undefined {
    let value: number | undefined
    while (this.#at < end && /[0-9]/.test(this.#format[this.#at] ?? '')) {
      if (value !== undefined && value > TOO_LARGE) {
        this.#at = end
        return undefined
      }
      value = (value ?? 0) * 10 + Number(this.#format[this.#at++])
    }
    return value
  }

  #integerArgument(): number | undefined {
    if (this.#argument >= this.#args.length) return undefined
    const value = integerOf(this.#args[this.#argument++])
    return value === undefined || value > TOO_LARGE || value < -TOO_LARGE ? undefined : Number(value)
  }

  /** `[3]`: the index of the next argument. */
  #readIndex(): void {
    if (this.#format[this.#at] !== '[') {
      this.#afterIndex = false
      return
    }
    this.#reordered = true
    const close = this.#format.indexOf(']', this.#at)
    if (close < 0 || this.#format.length - this.#at < 3) {
      this.#at++
      this.#goodIndex = false
      this.#afterIndex = false
      return
    }
    this.#at++
    const number = this.#number(close)
    const readable = number !== undefined && this.#at === close
    this.#at = close + 1
    if (readable && number >= 1 && number <= this.#args.length) this.#argument = number - 1
    else this.#goodIndex = false
    this.#afterIndex = readable
  }

  #extra(): void {
    if (this.#reordered || this.#argument >= this.#args.length) return
    this.#printer.flags.clear()
    const shown = this.#args
      .slice(this.#argument)
      .map((arg) =>
        arg === undefined || arg === null ? '<nil>' : `${typeName(arg)}=${this.#printer.argument(arg, 'v')}`,
      )
    this.#output += `%!(EXTRA ${shown.join(', ')})`
  }
}
