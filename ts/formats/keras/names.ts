/** Keras's snake_case as camelCase: `kernel_initializer`, `beta_1` as `beta1`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=.)_+(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The names of options that {@link snakeOption} would write in another way. */
const IRREGULAR: Readonly<Record<string, string>> = {
  beta1: 'beta_1',
  beta2: 'beta_2',
  l1RegularizationStrength: 'l1_regularization_strength',
  l2RegularizationStrength: 'l2_regularization_strength',
  l2ShrinkageRegularizationStrength: 'l2_shrinkage_regularization_strength',
  keepDims: 'keepdims',
};

/** camelCase as Keras's snake_case. */
export function snakeOption(name: string): string {
  return Object.hasOwn(IRREGULAR, name)
    ? (IRREGULAR[name] as string)
    : name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A class name with a small first letter, as names of initializers are. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A name with a great first letter, as class names are. */
export function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Keras's default name of an object of a class: `binary_accuracy` of BinaryAccuracy. */
export function snakeName(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
