/**
 * The arguments of a layer's constructor as plain data. `fromConfig(getConfig())` makes an equal
 * layer.
 */
export type LayerConfig = Record<string, LayerConfigValue>;

/** A value of a configuration. */
export type LayerConfigValue =
  | string
  | number
  | boolean
  | null
  | readonly LayerConfigValue[]
  | { readonly [name: string]: LayerConfigValue };
