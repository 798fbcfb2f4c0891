/** Servers, tables and files to try citus-ingest with: nothing here is needed to load real data. */
package org.citusingest.demo;
