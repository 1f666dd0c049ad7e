/** A package of the npm registry, as a lock file has it. None of these has dependencies. */
export interface AddedPackage {
  readonly name: string
  readonly version: string
  readonly integrity: string
}

/** What an application comes to need, one more for each change of its dependencies. */
export const addedPackages: ReadonlyArray<AddedPackage> = [
  {
    name: "dayjs",
    version: "1.11.13",
    integrity:
      "sha512-oaMBel6gjolK862uaPQOVTA7q3TZhuSvuMQAAglQDOWYO9A91IrAOUJEyKVlqJlHE0vq5p5UXxzdPfMH/x6xNg==",
  },
  {
    name: "nanoid",
    version: "5.1.5",
    integrity:
      "sha512-Ir/+ZpE9fDsNH0hQ3C68uyThDXzYcim2EqcZ8zn8Chtt1iylPT9xXJB0kPCnqzgcEGikO9RxSrh63MsmVCU7Fw==",
  },
  {
    name: "kleur",
    version: "4.1.5",
    integrity:
      "sha512-o+NO+8WrRiQEE4/7nwRJhN1HWpVmJm511pBHUxPLtp0BUISzlBplORYSmTclCnJvQq2tKu/sgl3xVpkc7ZWuQQ==",
  },
  {
    name: "luxon",
    version: "3.6.1",
    integrity:
      "sha512-tJLxrKJhO2ukZ5z0gyjY1zPh3Rh88Ej9P7jNrZiHMUXHae1yvI2imgOZtL1TO8TW6biMMKfTtAOoEJANgtWBMQ==",
  },
  {
    name: "slugify",
    version: "1.6.6",
    integrity:
      "sha512-h+z7HKHYXj6wJU+AnS/+IH8Uh9fdcX1Lrhg1/VMdf9PwoBQXFcXiAdsy2tSK0P6gKwJLXp02r90ahUCqHk9rrw==",
  },
  {
    name: "picocolors",
    version: "1.1.1",
    integrity:
      "sha512-xceH2snhtb5M9liqDsmEw56le376mTZkEX/jEb/RxNFyegNul7eNslCXP9FDj/Lcu0X8KEyMceP2ntpaHrDEVA==",
  },
  {
    name: "mitt",
    version: "3.0.1",
    integrity:
      "sha512-vKivATfr97l2/QBCYAkXYDbrIWPM2IIKEl7YPhjCvKlG3kE2gm+uBo6nEXK3M5/Ffh/FLpKExzOQ3JJoJGFKBw==",
  },
]
