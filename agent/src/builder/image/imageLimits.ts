import type { BuildAssignment } from "@skypanel/contract/BuildAssignment"

const imageBytesDefault = 4 * 1024 ** 3

/** Of an image's layers, as they are fetched. */
export const imageBytesMost = ({ imageBytes }: BuildAssignment["limits"]): number =>
  imageBytes ?? imageBytesDefault
