/** Who may use the server, and the login that a browser shows. */
package dev.poolmark.server.http.access;
