/**
 * A change laid over what it changes: the fields that it names are as it says, whole, and all others as they are. What it names and does
 * not set is left out, and so takes its default, or is refused where there is none. The whole is to be checked then.
 */
export function layPatch<Input extends object>(
  before: Input,
  patch: Input,
  named: ReadonlySet<keyof Input>,
): Input {
  const laid = [...named].map((field) => [field, patch[field]] as const)
  return { ...before, ...Object.fromEntries(laid) }
}
