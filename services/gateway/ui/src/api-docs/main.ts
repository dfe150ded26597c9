import "swagger-ui-dist/swagger-ui.css";
import "./api-docs.css";
import bundleUrl from "swagger-ui-dist/swagger-ui-bundle.js?url";

/** The global of the Swagger UI script. */
declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

// The script is copied without bundling, which would take longer than building the application.
const script = document.createElement("script");
script.src = bundleUrl;
script.onload = () =>
  SwaggerUIBundle({
    domNode: document.getElementById("api-docs"),
    url: "/api/openapi.json",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: "list",
    filter: true,
    // The public validator must not receive the document.
    validatorUrl: null,
  });
document.head.append(script);
