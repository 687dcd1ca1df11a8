/** How much the server holds at once. */
package dev.poolmark.server.http.place;
