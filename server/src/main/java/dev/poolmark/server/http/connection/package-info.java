/**
 * Connections below HTTP: how many there are, how requests are framed, how long clients may take.
 */
package dev.poolmark.server.http.connection;
