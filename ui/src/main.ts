import "./style/tokens.css"
import "./app/webAwesome.ts"
import "./app/sky-app.ts"
