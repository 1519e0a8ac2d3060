import type { Attributes } from "../contract/attributes.js";
import type { Mask } from "../text/mask.js";

/** Returns the attributes with their texts masked. */
export function maskAttributes(attributes: Attributes, mask: Mask): Attributes {
  const masked = (value: Attributes[string]): Attributes[string] => {
    if (typeof value === "string") return mask.text(value);
    return typeof value === "object" ? value.map((text) => mask.text(text)) : value;
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, masked(value)]));
}
