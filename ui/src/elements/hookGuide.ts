import { html, type TemplateResult } from "lit"

/** Where each Git host wants URL and secret. */
export const hookGuide = (): TemplateResult => html`<details>
  <summary>How to add it to your Git host</summary>
  <ol>
    <li><strong>GitHub</strong>: Settings, Webhooks, Add webhook: URL and secret, content type application/json, the push event.</li>
    <li><strong>GitLab</strong>: Settings, Webhooks: URL, the secret as secret token, push events.</li>
    <li><strong>Gitea, Forgejo</strong>: Settings, Webhooks, Add webhook, of its own kind: URL and secret, push events.</li>
    <li>
      <strong>Anything else</strong>: POST {"commit": …} with the header X-SkyPanel-Signature: sha256= and the body's HMAC by
      the secret, in hexadecimal. With "ref": … too where the service has a branch set.
    </li>
  </ol>
</details>`
