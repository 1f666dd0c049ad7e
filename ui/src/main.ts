import "./style/tokens.css"
import "./app/sky-app.ts"
