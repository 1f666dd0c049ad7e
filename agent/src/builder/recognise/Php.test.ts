import { describe, expect, test } from "vitest"
import { failure, recognised, start } from "./testing/trees.ts"

const laravel = JSON.stringify({ require: { php: "^8.2", "laravel/framework": "^11.0" } }, null, 2)

describe("a PHP project", () => {
  test.each<readonly [string, Record<string, string>, string, string]>([
    [
      "of Laravel with its packages, also beside the lock file of its assets",
      {
        "composer.json": laravel,
        "public/index.php": "",
        "vendor/": "",
        "package.json": start,
        "package-lock.json": '{"lockfileVersion":3,"packages":{}}',
      },
      "public",
      "composer.json → PHP ^8.2; vendor → its dependencies; public/index.php → nginx and PHP-FPM serve public",
    ],
    ["of one page", { "index.php": "" }, "", "index.php → nginx and PHP-FPM serve the folder"],
    [
      "that requires extensions alone",
      { "composer.json": '{"require":{"php":">=8","ext-json":"*"}}', "index.php": "" },
      "",
      "composer.json → PHP >=8; no packages in `require` → no dependencies; index.php → nginx and PHP-FPM serve the folder",
    ],
    [
      "with the Procfile of Heroku",
      {
        "index.php": "",
        "site/index.php": "",
        Procfile: "web: vendor/bin/heroku-php-apache2 -C x.conf site/\n",
      },
      "site",
      "Procfile, `web` → vendor/bin/heroku-php-apache2 -C x.conf site/; site/index.php → nginx and PHP-FPM serve site",
    ],
  ])("%s is served", (_, files, root, reasoning) => {
    const { "vendor/": vendor, ...own } = files
    const found = recognised(own, ...(vendor === undefined ? [] : ["vendor/"]))
    expect(found).toMatchObject({ kind: "php", settings: { root, start: null } })
    expect(found.reasoning.join("; ")).toBe(reasoning)
  })
  test("with a command of its own is started by it", () => {
    const files = { "index.php": "", Procfile: "web: php -S 0.0.0.0:$PORT\n" }
    expect(recognised(files).settings.start).toBe("php -S 0.0.0.0:$PORT")
  })
  test.each([
    ["a package", laravel, "requires laravel/framework", 4],
    ["its own classes", '{"autoload":{"psr-4":{"App\\\\":"src/"}}}', "loads classes", 1],
    ["what is no JSON", '{\n"require": {},\n}', "not valid JSON", 3],
  ])("without a vendor folder that needs %s says so", (_, composer, title, line) => {
    const found = failure({ "composer.json": composer, "public/index.php": "" })
    expect(found.title).toContain(title)
    expect(found.location).toMatchObject({ file: "composer.json", line })
  })
  test("with a composer.json and no page is none that can be served", () =>
    expect(failure({ "composer.json": "{}" }).title).toContain("this is PHP"))
})
